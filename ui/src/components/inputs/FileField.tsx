// A file: dropped, or picked; with its size, and how far the upload is.
import { File as FileIcon, X } from "lucide-react";
import { type DragEvent, useState } from "react";
import { formatBytes } from "../../model/numbers";
import { IconButton } from "../controls/IconButton";
import type { WidgetProps } from "./InputWidget";

export function FileField({ input, name, value, bad, describedBy, progress, onChange }: WidgetProps) {
  const [over, setOver] = useState(false);
  const accept = (input.accept ?? input.allowedFileExtensions)?.join(",");
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onChange(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for the mouse, keys have the picker inside
    <div
      className="file-field"
      data-over={over || undefined}
      data-bad={bad || undefined}
      onDrop={drop}
      onDragLeave={() => setOver(false)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
    >
      <FileIcon className="icon-small subtle" aria-hidden />
      {value instanceof File ? (
        <>
          <span className="cut">{value.name}</span>
          <span className="caption subtle">{formatBytes(value.size)}</span>
          {progress !== undefined && <progress aria-label={`Upload of ${value.name}`} value={progress} />}
          <span className="push">
            <IconButton label="Remove the file" size="small" onClick={() => onChange(undefined)}>
              <X aria-hidden />
            </IconButton>
          </span>
        </>
      ) : (
        <label className="link">
          Choose a file<span className="muted"> or drop it here</span>
          <input
            id={`input-${name}`}
            className="visually-hidden"
            type="file"
            accept={accept}
            aria-describedby={describedBy}
            onChange={(event) => onChange(event.target.files?.[0])}
          />
        </label>
      )}
    </div>
  );
}
