// Colours for YAML: each line cut into pieces with a class. Good enough to read by; the parser is the server's.
export type YamlClass = "key" | "string" | "number" | "type" | "expression" | "comment" | "plain";

export interface YamlPiece {
  text: string;
  kind: YamlClass;
}

const KEY = /^(\s*(?:- )*)("[^"]*"|'[^']*'|[^\s#:'"{[-][^:#]*?)(:)(?=\s|$)/;
const EXPRESSION = /(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})/;

export function colourLine(line: string): YamlPiece[] {
  if (/^\s*#/.test(line)) return [{ text: line, kind: "comment" }];
  const key = KEY.exec(line);
  if (!key) return colourText(line);
  const [whole, indent = "", name = "", colon = ""] = key;
  const rest = line.slice(whole.length);
  const value = name === "type" ? [{ text: rest, kind: "type" as const }] : colourText(rest);
  return [{ text: indent, kind: "plain" as const }, { text: name + colon, kind: "key" as const }, ...value].filter(
    (piece) => piece.text !== "",
  );
}

function colourText(text: string): YamlPiece[] {
  const comment = /(^|\s)#.*$/.exec(text);
  const body = comment ? text.slice(0, comment.index) : text;
  const pieces = body.split(EXPRESSION).filter((part) => part !== "");
  const coloured = pieces.map((part) => ({
    text: part,
    kind: EXPRESSION.test(part) ? ("expression" as const) : kindOf(part),
  }));
  return comment ? [...coloured, { text: text.slice(comment.index), kind: "comment" }] : coloured;
}

function kindOf(text: string): YamlClass {
  const value = text.trim().replace(/^- /, "");
  if (value === "" || value === "|" || value === ">" || value === "-") return "plain";
  if (/^-?\d[\d._]*$/.test(value) || /^(true|false|null|~)$/i.test(value)) return "number";
  return "string";
}
