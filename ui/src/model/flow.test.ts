import { expect, test } from "vitest";
import { resumeInputs } from "./flow";

const asked = [{ id: "reason", type: "STRING" }];

test("what a pause asks for is found wherever the pause lies", () => {
  const pause = { id: "approve", type: "io.kestra.plugin.core.flow.Pause", onResume: asked };
  const parallel = { id: "both", type: "io.kestra.plugin.core.flow.Parallel", tasks: [pause] };
  expect(resumeInputs({ tasks: [parallel] }, "approve")).toEqual(asked);
  expect(resumeInputs({ tasks: [parallel] }, "other")).toEqual([]);
});

test("an input of the same name is no task", () => {
  const inputs = [{ id: "approve", type: "BOOL" }];
  expect(resumeInputs({ inputs, tasks: [{ id: "approve", type: "x.Pause", onResume: asked }] }, "approve")).toEqual(
    asked,
  );
});
