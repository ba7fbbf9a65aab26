// The form itself: checks while one types, shows at each field what the server did not take.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { startExecution, type Target, validateStart } from "../../api/inputs";
import type { Execution, Flow } from "../../api/types";
import { Button } from "../../components/controls/Button";
import { InputForm } from "../../components/inputs/InputForm";
import { useFirstFocus } from "../../components/inputs/useFormDialog";
import { useInputs } from "../../components/inputs/useInputs";
import { StateGlyph } from "../../components/state/StateGlyph";
import { executionAddress } from "../../model/addresses";
import { type FieldValues, fieldsOf, titleOf, toParts } from "../../model/inputs";
import { formatDayAndTime } from "../../model/moments";
import { texts } from "../../texts";
import { type Plan, WhatHappens } from "./WhatHappens";

interface ExecuteFormProps {
  tenant: string;
  flow: Flow;
  initial: FieldValues;
  prefilled: Execution | undefined;
}

export function ExecuteForm({ tenant, flow, initial, prefilled }: ExecuteFormProps) {
  const target: Target = { tenant, namespace: flow.namespace, flowId: flow.id };
  const fields = flow.inputs ?? [];
  const state = useInputs(fields, initial, (parts) => validateStart(target, parts), `${flow.namespace}/${flow.id}`);
  const [plan, setPlan] = useState<Plan>({ labels: "", later: "" });
  const [progress, setProgress] = useState<number>();
  const form = useFirstFocus();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: () => startExecution(target, optionsOf(plan), toParts(fields, state.values, "with files"), setProgress),
    onSuccess: (execution) => {
      void queries.invalidateQueries({ queryKey: ["executions"] });
      void navigate({ to: executionAddress(tenant, execution) });
    },
    onError: state.refuse,
    onSettled: () => setProgress(undefined),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    state.showAll();
    if (!start.isPending) start.mutate();
  };
  const wrong = state.wrong.map((name) =>
    titleOf(fieldsOf(fields).find((field) => field.name === name)?.input ?? { id: name, type: "" }),
  );
  const general = state.errors[""] ?? [];
  useEffect(() => {
    if (start.isError && state.wrong[0]) document.getElementById(`input-${state.wrong[0]}`)?.focus();
  }, [start.isError, state.wrong[0]]);
  return (
    <form ref={form} className="execute-form" noValidate onSubmit={submit}>
      <div className="execute-body">
        <div className="execute-fields">
          {prefilled && (
            <p className="caption muted execute-note">
              Filled with the inputs of {formatDayAndTime(new Date(prefilled.state.startDate).getTime())}; files and
              secrets are left out.
            </p>
          )}
          {fields.length === 0 && <p className="muted execute-note">This flow asks for nothing.</p>}
          <InputForm
            inputs={fields}
            values={state.values}
            validated={state.validated}
            errors={state.errors}
            progress={progress}
            onChange={state.change}
            onLeave={state.leave}
          />
        </div>
        <WhatHappens flow={flow} plan={plan} checks={state.checks} onPlan={setPlan} />
      </div>
      <footer className="dialog-foot">
        <p className="execute-errors" role="alert">
          {(wrong.length > 0 || general.length > 0) && <StateGlyph state="FAILED" />}
          {wrong.length > 0 ? texts.inputsWrong(wrong) : general.join(" ")}
        </p>
        <Button
          type="submit"
          tone="primary"
          icon={<Play aria-hidden />}
          shortcut="Ctrl Enter"
          disabled={start.isPending}
          className="push"
        >
          {plan.later ? "Plan" : "Execute"}
        </Button>
      </footer>
    </form>
  );
}

const optionsOf = (plan: Plan) => ({
  labels: plan.labels.split(/[\s,]+/).filter((label) => label !== ""),
  scheduleDate: plan.later === "" ? undefined : new Date(plan.later).toISOString(),
});
