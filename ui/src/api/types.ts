// The names the UI uses for what the API answers. They are read from the paths of the generated document, never written
// by hand, so a change of the document shows here first.
import type { paths } from "./schema";

type Method = "get" | "post" | "delete";

type Answer<Path extends keyof paths, M extends Method> = paths[Path] extends {
  [method in M]: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

type Item<List> = List extends (infer Element)[] ? Element : never;

export type Execution = Answer<"/api/v1/{tenant}/executions/{executionId}", "get">;
export type ExecutionPage = Answer<"/api/v1/{tenant}/executions/search", "get">;
export type ExecutionRow = Item<ExecutionPage["results"]>;
export type TaskRun = Item<NonNullable<Execution["taskRunList"]>>;
export type Attempt = Item<NonNullable<TaskRun["attempts"]>>;
export type State = Execution["state"];
export type StateName = State["current"];
export type Moment = Item<State["histories"]>;
export type Label = Item<NonNullable<Execution["labels"]>>;

export type Flow = Answer<"/api/v1/{tenant}/flows/{namespace}/{id}", "get">;
export type FlowPage = Answer<"/api/v1/{tenant}/flows/search", "get">;
export type FlowRow = Item<FlowPage["results"]>;
export type FlowInput = Item<NonNullable<Flow["inputs"]>>;
export type TriggerState = Item<Answer<"/api/v1/{tenant}/triggers/{namespace}/{flowId}", "get">["results"]>;

export type LogEntry = Item<Answer<"/api/v1/{tenant}/logs/{executionId}", "get">>;
export type Level = LogEntry["level"];
export type OutputReference = Item<Answer<"/api/v1/{tenant}/outputs/{executionId}", "get">>;
export type ValidatedInputs = Answer<"/api/v1/{tenant}/executions/{namespace}/{id}/validate", "post">;
export type ValidatedInput = Item<ValidatedInputs["inputs"]>;
export type FilePreview = Answer<"/api/v1/{tenant}/executions/{executionId}/file/preview", "get">;
export type Configuration = Answer<"/api/v1/configs", "get">;
