// What can be done with an execution now: resume what waits, kill what runs, execute again what has ended.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Play, RotateCcw, Square } from "lucide-react";
import { useState } from "react";
import { executionKey, killExecution } from "../../api/executions";
import type { Execution } from "../../api/types";
import { Button } from "../../components/controls/Button";
import { Confirm } from "../../components/feedback/Confirm";
import { saidBy } from "../../components/feedback/ErrorNote";
import { useToast } from "../../components/feedback/Toaster";
import { useKeys } from "../../components/useKeys";
import { useSearchParams } from "../../components/useSearchParams";
import { runsOf } from "../../model/runs";
import { canBeKilled, canBeResumed, hasEnded } from "../../model/states";
import { texts } from "../../texts";
import { ResumeDialog } from "./ResumeDialog";

export function Actions({ tenant, execution }: { tenant: string; execution: Execution }) {
  const { push } = useSearchParams();
  const [asking, setAsking] = useState<"kill" | "resume">();
  const state = execution.state.current;
  const again = () => push({ execute: `${execution.namespace}/${execution.flowId}`, from: execution.id });
  const kill = () => setAsking("kill");
  const resume = () => setAsking("resume");
  useKeys({
    ...(canBeKilled(state) ? { K: kill } : {}),
    ...(canBeResumed(state) ? { r: resume } : hasEnded(state) ? { r: again } : {}),
  });
  const close = () => setAsking(undefined);
  return (
    <>
      {canBeKilled(state) && (
        <Button tone="danger" icon={<Square aria-hidden />} onClick={kill}>
          Kill
        </Button>
      )}
      {canBeResumed(state) && (
        <Button tone="primary" icon={<Play aria-hidden />} shortcut="R" onClick={resume}>
          Resume
        </Button>
      )}
      {hasEnded(state) && (
        <Button tone="primary" icon={<RotateCcw aria-hidden />} shortcut="R" onClick={again}>
          Execute again
        </Button>
      )}
      <KillQuestion tenant={tenant} execution={execution} open={asking === "kill"} onClose={close} />
      {asking === "resume" && <ResumeDialog tenant={tenant} execution={execution} onClose={close} />}
    </>
  );
}

interface KillQuestionProps {
  tenant: string;
  execution: Execution;
  open: boolean;
  onClose: () => void;
}

function KillQuestion({ tenant, execution, open, onClose }: KillQuestionProps) {
  const queries = useQueryClient();
  const tell = useToast();
  const kill = useMutation({
    mutationFn: () => killExecution(tenant, execution.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: executionKey(tenant, execution.id) }),
    onError: (error) => tell({ tone: "failed", title: "The execution was not killed", text: saidBy(error) }),
  });
  const running = runsOf(execution).filter((run) => !hasEnded(run.state.current)).length;
  return (
    <Confirm open={open} question={texts.killed(1)} verb="Kill" onConfirm={() => kill.mutate()} onClose={onClose}>
      {texts.killedTasks(running)}
    </Confirm>
  );
}
