// Copies a text; says so in the tooltip.
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { IconButton } from "../controls/IconButton";

export function CopyText({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <IconButton label={copied ? "Copied" : "Copy"} size="small" onClick={copy}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </IconButton>
  );
}
