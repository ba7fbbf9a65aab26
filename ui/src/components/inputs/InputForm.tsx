// A form made from the inputs of a flow: a label with its type, the widget of the type, an error in the place of the help.
import type { FlowInput } from "../../model/flow";
import type { ValidatedInput } from "../../model/inputs";
import {
  boundsText,
  defaultText,
  type FieldValue,
  type FieldValues,
  titleOf,
  typeText,
  widgetOf,
} from "../../model/inputs";
import { StateGlyph } from "../state/StateGlyph";
import { Words } from "../text/Words";
import { InputWidget } from "./InputWidget";
import "../form/form.css";

export interface InputFormProps {
  inputs: FlowInput[];
  prefix?: string;
  values: FieldValues;
  validated: Map<string, ValidatedInput>;
  errors: Record<string, string[]>;
  progress?: number;
  onChange: (name: string, value: FieldValue) => void;
  onLeave: (name: string) => void;
}

export function InputForm(props: InputFormProps) {
  const { inputs, prefix = "", validated } = props;
  return inputs.map((input) => {
    const name = prefix + input.id;
    if (validated.get(name)?.enabled === false) return null;
    if (widgetOf(input) === "group") {
      return (
        <fieldset key={name} className="field-group">
          <legend className="label">{titleOf(input)}</legend>
          <InputForm {...props} inputs={input.inputs ?? []} prefix={`${name}.`} />
        </fieldset>
      );
    }
    return <Field key={name} {...props} input={input} name={name} />;
  });
}

const WIDE = ["code", "rows"];

function Field({
  input,
  name,
  values,
  validated,
  errors,
  progress,
  onChange,
  onLeave,
}: InputFormProps & { input: FlowInput; name: string }) {
  const found = errors[name] ?? [];
  const known = defaultText(input, validated.get(name));
  const required = input.required !== false && known === undefined;
  const hint = hintFor(input, known);
  const describedBy = `${name}-note`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: leaving the field is noticed here for every kind of widget
    <div
      className="field"
      id={`field-${name}`}
      data-wide={WIDE.includes(widgetOf(input)) || undefined}
      onBlur={() => onLeave(name)}
    >
      <label htmlFor={`input-${name}`} id={`label-${name}`}>
        {titleOf(input)}
        {required && (
          <span className="required" aria-hidden>
            *
          </span>
        )}
        <span className="field-type push">{typeText(input)}</span>
      </label>
      <InputWidget
        input={input}
        name={name}
        value={values[name]}
        known={known}
        bad={found.length > 0}
        required={required}
        describedBy={describedBy}
        progress={progress}
        onChange={(value) => onChange(name, value)}
      />
      <div id={describedBy}>
        {found.map((message) => (
          <p key={message} className="field-error">
            <StateGlyph state="FAILED" />
            <span>
              <Words>{message}</Words>
            </span>
          </p>
        ))}
        {found.length === 0 && hint && <p className="field-hint">{hint}</p>}
      </div>
    </div>
  );
}

function hintFor(input: FlowInput, known: string | undefined): string | undefined {
  const parts = [input.description, boundsText(input), known === undefined ? undefined : `Default: ${known}`];
  const filled = parts.filter((part): part is string => part !== undefined && part !== "");
  return filled.length ? filled.join(". ") : undefined;
}
