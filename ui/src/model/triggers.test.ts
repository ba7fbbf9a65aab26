import { describe, expect, test } from "vitest";
import { nextDates, triggerKind } from "./triggers";

describe("triggers", () => {
  test("their kind is told by the type's last word", () => {
    expect(triggerKind("io.kestra.plugin.core.trigger.Schedule")).toBe("schedule");
    expect(triggerKind("io.kestra.plugin.core.trigger.Flow")).toBe("flow");
    expect(triggerKind("io.kestra.plugin.kafka.RealtimeTrigger")).toBe("realtime");
    expect(triggerKind("io.kestra.plugin.gcp.gcs.Trigger")).toBe("polling");
  });

  test("the earliest date of an enabled trigger counts", () => {
    const state = (nextEvaluationDate: string, disabled = false) => ({
      state: { namespace: "n", flowId: "f", nextEvaluationDate, disabled },
    });
    const dates = nextDates([state("2026-11-27"), state("2026-11-26"), state("2026-11-25", true)]);
    expect(dates.get("n/f")).toBe("2026-11-26");
  });
});
