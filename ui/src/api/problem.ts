// What a request that failed tells: the status, the sentence of the server, and one entry for each thing that is wrong.
import type { ServerProblem } from "../model/inputs";

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly errors: ServerProblem[],
  ) {
    super(detail);
    this.name = "ApiProblem";
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("The server does not answer.", { cause });
    this.name = "Unreachable";
  }
}

interface ProblemBody {
  detail?: string;
  message?: string;
  title?: string;
  errors?: ServerProblem[];
}

export function problemOf(status: number, body: unknown): ApiProblem {
  const told: ProblemBody = body !== null && typeof body === "object" ? body : {};
  const text = typeof body === "string" && body !== "" ? body : undefined;
  const detail = told.detail ?? told.message ?? told.title ?? text ?? `The server answered ${status}.`;
  return new ApiProblem(status, detail, told.errors?.length ? told.errors : [{ detail }]);
}
