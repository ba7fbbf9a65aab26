// Resuming what waits: with the form of what the pause asks for, or with a plain question when it asks for nothing.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Play, X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { FormEvent } from "react";
import { executionKey, resumeExecution } from "../../api/executions";
import { flow as flowQuery } from "../../api/flows";
import { validateResume } from "../../api/inputs";
import type { Execution } from "../../api/types";
import { Button } from "../../components/controls/Button";
import { IconButton } from "../../components/controls/IconButton";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { Loading } from "../../components/feedback/Loading";
import { InputForm } from "../../components/inputs/InputForm";
import { sendOnCtrlEnter, useFirstFocus } from "../../components/inputs/useFormDialog";
import { useInputs } from "../../components/inputs/useInputs";
import { type FlowInput, resumeInputs } from "../../model/flow";
import { toParts } from "../../model/inputs";
import { runsOf } from "../../model/runs";
import "./resume.css";

interface ResumeDialogProps {
  tenant: string;
  execution: Execution;
  onClose: () => void;
}

export function ResumeDialog({ tenant, execution, onClose }: ResumeDialogProps) {
  const { namespace, flowId, flowRevision } = execution;
  const flow = useQuery(flowQuery(tenant, namespace, flowId, flowRevision));
  const waits = runsOf(execution).find((run) => run.state.current === "PAUSED");
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content
          className="dialog"
          onKeyDown={sendOnCtrlEnter}
          onOpenAutoFocus={(event) => event.preventDefault()}
          aria-describedby={undefined}
        >
          <header className="dialog-head">
            <Dialog.Title className="dialog-title grow">Resume {waits ? waits.taskId : flowId}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label="Close" shortcut="Esc">
                <X aria-hidden />
              </IconButton>
            </Dialog.Close>
          </header>
          {flow.isPending && <Loading label="What the pause asks for is on its way" rows={3} />}
          {flow.isError && (
            <ErrorNote
              what="What the pause asks for could not be read."
              error={flow.error}
              onRetry={() => void flow.refetch()}
            />
          )}
          {flow.data && (
            <ResumeForm
              tenant={tenant}
              execution={execution}
              inputs={waits ? resumeInputs(flow.data, waits.taskId) : []}
              onClose={onClose}
            />
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function ResumeForm({ tenant, execution, inputs, onClose }: ResumeDialogProps & { inputs: FlowInput[] }) {
  const form = useFirstFocus();
  const queries = useQueryClient();
  const state = useInputs(inputs, {}, (parts) => validateResume(tenant, execution.id, parts), `resume ${execution.id}`);
  const resume = useMutation({
    mutationFn: () => resumeExecution(tenant, execution.id, toParts(inputs, state.values, "with files")),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: executionKey(tenant, execution.id) });
      onClose();
    },
    onError: state.refuse,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    state.showAll();
    resume.mutate();
  };
  return (
    <form ref={form} noValidate onSubmit={submit} className="column">
      <div className="resume-fields">
        {inputs.length === 0 && <p className="muted">The execution goes on behind the pause at once.</p>}
        <InputForm
          inputs={inputs}
          values={state.values}
          validated={state.validated}
          errors={state.errors}
          onChange={state.change}
          onLeave={state.leave}
        />
      </div>
      <footer className="dialog-foot">
        <p className="field-error" role="alert">
          {state.errors[""]?.join(" ")}
        </p>
        <Button type="submit" tone="primary" icon={<Play aria-hidden />} disabled={resume.isPending} className="push">
          Resume
        </Button>
      </footer>
    </form>
  );
}
