// The keys, on `?`.
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { IconButton } from "../../components/controls/IconButton";
import { Kbd } from "../../components/controls/Kbd";

const KEYS: [string[], string][] = [
  [["G", "F"], "Flows"],
  [["G", "E"], "Executions"],
  [["["], "Fold the navigation"],
  [["/"], "Search on this page"],
  [["F"], "Add a filter"],
  [["J", "K"], "Next, previous row"],
  [["Enter"], "Open the row"],
  [["1", "9"], "Tabs"],
  [["R"], "Execute"],
  [["N"], "Next error in a log"],
  [["L"], "Log of the selection"],
  [["Shift", "K"], "Kill (asks)"],
  [["Esc"], "Close the top layer, then clear the selection"],
  [["?"], "This list"],
];

export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="dialog" aria-describedby={undefined}>
          <header className="dialog-head">
            <Dialog.Title className="dialog-title grow">Keys</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label="Close">
                <X aria-hidden />
              </IconButton>
            </Dialog.Close>
          </header>
          <dl className="help-keys">
            {KEYS.map(([keys, word]) => (
              <div key={word} className="row">
                <dt className="row">
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dt>
                <dd>{word}</dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
