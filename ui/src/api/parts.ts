// Sends a form with its files and tells how far the upload is; fetch cannot tell that.
import { ownHeaders, readBody, tellSignedOut } from "./client";
import { problemOf, Unreachable } from "./problem";

export function sendParts<Answer>(
  path: string,
  parts: FormData,
  onProgress?: (share: number) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    for (const [name, value] of Object.entries(ownHeaders())) request.setRequestHeader(name, value);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => onProgress?.(event.total > 0 ? event.loaded / event.total : 0);
    request.onerror = () => reject(new Unreachable(undefined));
    request.onload = () => {
      const body = readBody(request.responseText);
      if (request.status === 401) tellSignedOut();
      if (request.status < 300) resolve(body as Answer);
      else reject(problemOf(request.status, body));
    };
    request.send(parts);
  });
}
