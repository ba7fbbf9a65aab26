// One value in full; a file by its first rows, with its size and how to get it whole.
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { fileAddress, fileMetas, filePreview } from "../../api/outputs";
import type { FilePreview } from "../../api/types";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { Loading } from "../../components/feedback/Loading";
import { CopyText } from "../../components/text/CopyText";
import { formatBytes } from "../../model/numbers";
import { fileName, isFile, isSecret } from "../../model/values";
import type { Chosen } from "./OutputsTab";

interface ValuePreviewProps {
  tenant: string;
  executionId: string;
  chosen: Chosen;
}

export function ValuePreview({ tenant, executionId, chosen }: ValuePreviewProps) {
  const { value, path } = chosen;
  const name = path
    .split(".")
    .slice(path.startsWith("outputs.") ? 2 : 1)
    .join(".");
  if (isFile(value)) return <FileView tenant={tenant} executionId={executionId} name={name} uri={value} />;
  const text = isSecret(value) ? "••••••" : typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <>
      <header className="pane-head">
        <h2 className="mono cut">{name}</h2>
        <span className="push">
          <CopyText text={text} />
        </span>
      </header>
      <pre className="value-text" tabIndex={0}>
        {text}
      </pre>
    </>
  );
}

interface FileViewProps {
  tenant: string;
  executionId: string;
  name: string;
  uri: string;
}

function FileView({ tenant, executionId, name, uri }: FileViewProps) {
  const metas = useQuery(fileMetas(tenant, executionId, uri));
  const preview = useQuery(filePreview(tenant, executionId, uri));
  return (
    <>
      <header className="pane-head">
        <h2 className="mono cut">{name}</h2>
        <span className="caption subtle cut">
          {fileName(uri)}
          {metas.data && `, ${formatBytes(metas.data.size)}`}
        </span>
        <a
          className="button push"
          data-size="small"
          href={fileAddress(tenant, executionId, uri)}
          download={fileName(uri)}
        >
          <Download aria-hidden />
          Download
        </a>
      </header>
      {preview.isPending && <Loading label="The file is on its way" />}
      {preview.isError && (
        <ErrorNote what="The file cannot be previewed." error={preview.error} onRetry={() => void preview.refetch()} />
      )}
      {preview.data && (
        <PreviewBody preview={preview.data} name={fileName(uri)} address={fileAddress(tenant, executionId, uri)} />
      )}
    </>
  );
}

function PreviewBody({ preview, name, address }: { preview: FilePreview; name: string; address: string }) {
  if (Array.isArray(preview.content)) return <RowsView rows={preview.content} truncated={preview.truncated ?? false} />;
  if (preview.type === "IMAGE") return <img className="value-image" src={address} alt={name} />;
  return (
    <pre className="value-text" tabIndex={0}>
      {String(preview.content ?? "")}
      {preview.truncated && "\n…"}
    </pre>
  );
}

function RowsView({ rows, truncated }: { rows: unknown[]; truncated: boolean }) {
  const records = rows.map((row) =>
    row !== null && typeof row === "object" ? (row as Record<string, unknown>) : { value: row },
  );
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return (
    <div className="value-rows" tabIndex={0} role="region" aria-label="Rows">
      <table>
        <thead>
          <tr>
            <th>
              <span className="visually-hidden">Row</span>
            </th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record, index) => (
            <tr key={index}>
              <td className="subtle">{index + 1}</td>
              {columns.map((column) => (
                <td key={column} data-number={typeof record[column] === "number" || undefined}>
                  {cellText(record[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {truncated && (
        <p className="caption subtle value-more">First {rows.length} rows. The download holds all of them.</p>
      )}
    </div>
  );
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
