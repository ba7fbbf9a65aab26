// Asks before work is ended: the title is the question, the body the consequence, the button repeats the verb.
import { AlertDialog } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "../controls/Button";
import "./feedback.css";

interface ConfirmProps {
  open: boolean;
  question: string;
  verb: string;
  children: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}

export function Confirm({ open, question, verb, children, onConfirm, onClose }: ConfirmProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="scrim" />
        <AlertDialog.Content className="dialog confirm">
          <div className="confirm-body">
            <AlertDialog.Title className="dialog-title">{question}</AlertDialog.Title>
            <AlertDialog.Description className="muted">{children}</AlertDialog.Description>
          </div>
          <footer className="dialog-foot">
            <AlertDialog.Cancel asChild>
              <Button className="push">Cancel</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button tone="destructive" onClick={onConfirm}>
                {verb}
              </Button>
            </AlertDialog.Action>
          </footer>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
