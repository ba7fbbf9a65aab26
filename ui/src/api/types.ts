// The names the UI uses for what the API answers. They are read from the paths of the generated document, never written
// by hand, so a change of the document shows here first.
import type { AuthoredFlow } from "../model/flow";
import type { paths } from "./schema";

/** The document says where null may stand; the answers leave such members out. */
export type Told<T> = T extends null
  ? never
  : T extends (infer Element)[]
    ? Told<Element>[]
    : T extends object
      ? { [Key in keyof T]: Told<T[Key]> }
      : T;

type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Told<Body>
  : never;

type Item<List> = List extends (infer Element)[] ? Element : never;

export type Execution = Answer<"/api/v1/{tenant}/executions/{executionId}">;
export type ExecutionPage = Answer<"/api/v1/{tenant}/executions/search">;
export type ExecutionRow = Item<ExecutionPage["results"]>;
export type TaskRun = Item<NonNullable<Execution["taskRunList"]>>;
export type Attempt = Item<NonNullable<TaskRun["attempts"]>>;
export type State = Execution["state"];
/** A text, not a union: a newer server may know a state that this page does not. */
export type StateName = State["current"];
export type Moment = Item<State["histories"]>;
export type Label = Item<NonNullable<Execution["labels"]>>;

export type Flow = Answer<"/api/v1/{tenant}/flows/{namespace}/{id}"> & AuthoredFlow;
export type FlowPage = Answer<"/api/v1/{tenant}/flows/search">;
export type FlowRow = Item<FlowPage["results"]> & AuthoredFlow;
export type TriggerPair = Item<Answer<"/api/v1/{tenant}/triggers/search">["results"]>;

export type LogEntry = Item<Answer<"/api/v1/{tenant}/logs/{executionId}">>;
export type Level = LogEntry["level"];
export type OutputReference = Item<Answer<"/api/v1/{tenant}/outputs/{executionId}">>;
export type FilePreview = Answer<"/api/v1/{tenant}/executions/{executionId}/file/preview">;
export type Configuration = Answer<"/api/v1/configs">;
