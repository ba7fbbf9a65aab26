// Execute: the form of the flow's inputs at the left, at the right what will happen. It lives in the address, so that a
// link can open it: `execute=namespace/flow`, `from=<execution>` to fill it with what an earlier one got.
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { execution as executionQuery } from "../../api/executions";
import { flow as flowQuery } from "../../api/flows";
import { IconButton } from "../../components/controls/IconButton";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { Loading } from "../../components/feedback/Loading";
import { sendOnCtrlEnter } from "../../components/inputs/useFormDialog";
import { useSearchParams } from "../../components/useSearchParams";
import { prefill } from "../../model/inputs";
import { ExecuteForm } from "./ExecuteForm";
import "./execute.css";

export function ExecuteDialog({ tenant }: { tenant: string }) {
  const { search, push } = useSearchParams();
  const [namespace = "", flowId = ""] = (search.execute ?? "").split("/");
  const flow = useQuery(flowQuery(tenant, namespace, flowId));
  const before = useQuery({ ...executionQuery(tenant, search.from ?? ""), enabled: search.from !== undefined });
  const ready = flow.data && (search.from === undefined || before.data || before.isError);
  const close = () => push({ execute: undefined, from: undefined });
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content
          className="dialog execute"
          onKeyDown={sendOnCtrlEnter}
          onOpenAutoFocus={(event) => event.preventDefault()}
          aria-describedby={undefined}
          onInteractOutside={(event) => event.preventDefault()}
        >
          <header className="dialog-head">
            <Dialog.Title className="dialog-title">Execute {flowId}</Dialog.Title>
            <span className="muted grow cut">{namespace}</span>
            <Dialog.Close asChild>
              <IconButton label="Close" shortcut="Esc">
                <X aria-hidden />
              </IconButton>
            </Dialog.Close>
          </header>
          {flow.isError && (
            <ErrorNote what="The flow could not be loaded." error={flow.error} onRetry={() => void flow.refetch()} />
          )}
          {flow.isPending && <Loading label="The form is on its way" />}
          {ready && (
            <ExecuteForm
              tenant={tenant}
              flow={flow.data}
              initial={before.data ? prefill(flow.data.inputs ?? [], before.data.inputs ?? {}) : {}}
              prefilled={before.data}
            />
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
