// Toasts at the bottom right, one at a time: what happened elsewhere than under the pointer. Failures stay until closed.
import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { IconButton } from "../controls/IconButton";
import { StateGlyph } from "../state/StateGlyph";
import "./feedback.css";

export interface Message {
  tone: "success" | "failed";
  title: string;
  text?: ReactNode;
  action?: ReactNode;
}

const SIX_SECONDS = 6000;
const Tell = createContext<(message: Message) => void>(() => undefined);

export const useToast = () => useContext(Tell);

export function Toaster({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<{ message: Message; number: number }>();
  const tell = useCallback(
    (message: Message) => setShown((before) => ({ message, number: (before?.number ?? 0) + 1 })),
    [],
  );
  const close = useMemo(() => () => setShown(undefined), []);
  return (
    <Tell.Provider value={tell}>
      <Toast.Provider swipeDirection="right">
        {children}
        {shown && <Shown key={shown.number} message={shown.message} onClose={close} />}
        <Toast.Viewport className="toasts" />
      </Toast.Provider>
    </Tell.Provider>
  );
}

function Shown({ message, onClose }: { message: Message; onClose: () => void }) {
  const failed = message.tone === "failed";
  return (
    <Toast.Root
      className="toast"
      duration={failed ? Number.POSITIVE_INFINITY : SIX_SECONDS}
      onOpenChange={(open) => !open && onClose()}
    >
      <StateGlyph state={failed ? "FAILED" : "SUCCESS"} />
      <div className="grow">
        <Toast.Title className="strong">{message.title}</Toast.Title>
        {message.text && <Toast.Description className="muted">{message.text}</Toast.Description>}
      </div>
      {message.action}
      <Toast.Close asChild>
        <IconButton label="Close" size="small">
          <X aria-hidden />
        </IconButton>
      </Toast.Close>
    </Toast.Root>
  );
}
