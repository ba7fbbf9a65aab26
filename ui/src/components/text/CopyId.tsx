// An id in full with a button that copies it.
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { IconButton } from "../controls/IconButton";

export function CopyId({ id }: { id: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(id).then(() => setCopied(true));
  return (
    <>
      <span className="mono cut">{id}</span>
      <IconButton label={copied ? "Copied" : "Copy"} size="small" onClick={copy}>
        {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      </IconButton>
    </>
  );
}
