// The editor of one filter, by the kind of its field.
import { Checkbox } from "radix-ui";
import type { FormEvent } from "react";
import { type Field, operatorWord } from "../../model/fields";
import { type Filter, type Operator, valuesOf } from "../../model/filters";
import { STATE_NAMES, wordOf } from "../../model/states";
import { StateGlyph } from "../state/StateGlyph";

interface EditorProps {
  field: Field;
  filter: Filter;
  onChange: (filter: Filter) => void;
  onDone: () => void;
}

const PERIODS: [string, string][] = [
  ["PT1H", "hour"],
  ["PT12H", "12 hours"],
  ["PT24H", "24 hours"],
  ["P7D", "7 days"],
  ["P30D", "30 days"],
];

export function FilterEditor(props: EditorProps) {
  const { field, filter, onChange, onDone } = props;
  const choose = (value: string) => onChange({ ...filter, value });
  switch (field.kind) {
    case "state":
      return <StateChoices {...props} />;
    case "period":
      return <Choices label={field.word} value={filter.value} choices={PERIODS} onChoose={choose} />;
    case "choice":
      return (
        <Choices
          label={field.word}
          value={filter.value}
          choices={(field.choices ?? []).map((choice) => [choice, choice])}
          onChoose={choose}
        />
      );
    default:
      return <TextEditor field={field} filter={filter} onChange={onChange} onDone={onDone} />;
  }
}

function StateChoices({ filter, onChange }: EditorProps) {
  const chosen = valuesOf(filter);
  const toggle = (state: string) => {
    const next = chosen.includes(state) ? chosen.filter((other) => other !== state) : [...chosen, state];
    onChange({ ...filter, value: next.join(",") });
  };
  return (
    <fieldset className="filter-states">
      <legend className="visually-hidden">States</legend>
      {STATE_NAMES.map((state) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox inside is a button with its own role
        <label key={state} className="filter-choice">
          <Checkbox.Root
            className="check"
            checked={chosen.includes(state)}
            onCheckedChange={() => toggle(state)}
            aria-label={wordOf(state)}
          >
            <Checkbox.Indicator className="check-mark" />
          </Checkbox.Root>
          <StateGlyph state={state} />
          {wordOf(state)}
        </label>
      ))}
    </fieldset>
  );
}

interface ChoicesProps {
  label: string;
  value: string;
  choices: [string, string][];
  onChoose: (value: string) => void;
}

function Choices({ label, value, choices, onChoose }: ChoicesProps) {
  return (
    <fieldset className="filter-choices">
      <legend className="visually-hidden">{label}</legend>
      {choices.map(([choice, word]) => (
        <label key={choice} className="filter-choice">
          <input type="radio" name="choice" checked={choice === value} onChange={() => onChoose(choice)} />
          {word}
        </label>
      ))}
    </fieldset>
  );
}

function TextEditor({ field, filter, onChange, onDone }: EditorProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone();
  };
  const moment = field.kind === "moment";
  return (
    <form className="filter-text" onSubmit={submit}>
      {field.operators.length > 1 && (
        <div className="input">
          <select
            aria-label="How"
            value={filter.operator}
            onChange={(event) => onChange({ ...filter, operator: event.target.value as Operator })}
          >
            {field.operators.map((operator) => (
              <option key={operator} value={operator}>
                {operatorWord(field, operator)}
              </option>
            ))}
          </select>
        </div>
      )}
      {field.kind === "label" && (
        <div className="input">
          <input
            aria-label="Key"
            placeholder="key"
            value={filter.key ?? ""}
            onChange={(event) => onChange({ ...filter, key: event.target.value })}
          />
        </div>
      )}
      <div className="input">
        <input
          aria-label="Value"
          type={moment ? "datetime-local" : "text"}
          placeholder="value"
          value={moment ? shownMoment(filter.value) : filter.value}
          onChange={(event) =>
            onChange({ ...filter, value: moment ? sentMoment(event.target.value) : event.target.value })
          }
        />
      </div>
    </form>
  );
}

function shownMoment(value: string): string {
  const moment = new Date(value);
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const sentMoment = (value: string): string => (value === "" ? "" : new Date(value).toISOString());
