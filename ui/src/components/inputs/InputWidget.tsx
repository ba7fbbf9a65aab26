// The widget for one input. Each holds text, as the API takes it; nothing is sent for a field that was left alone.

import { Check, ChevronDown, Eye, EyeOff, Plus, X } from "lucide-react";
import { Select, Switch } from "radix-ui";
import { useState } from "react";
import { readDuration } from "../../model/durations";
import type { FlowInput } from "../../model/flow";
import { choicesOf, type FieldValue, titleOf, widgetOf } from "../../model/inputs";
import { IconButton } from "../controls/IconButton";
import { Segments } from "../controls/Segments";
import { FileField } from "./FileField";

export interface WidgetProps {
  input: FlowInput;
  name: string;
  value: FieldValue;
  /** The default, as a placeholder. */
  known: string | undefined;
  bad: boolean;
  required: boolean;
  describedBy: string;
  progress: number | undefined;
  onChange: (value: FieldValue) => void;
}

export function InputWidget(props: WidgetProps) {
  switch (widgetOf(props.input)) {
    case "number":
      return <Line {...props} type="text" inputMode="decimal" />;
    case "date":
      return <Line {...props} type="date" />;
    case "time":
      return <Line {...props} type="time" />;
    case "datetime":
      return <Line {...props} type="datetime-local" side={Intl.DateTimeFormat().resolvedOptions().timeZone} />;
    case "duration":
      return <Line {...props} type="text" placeholder="PT20M" side={readDuration(textOf(props.value))} />;
    case "switch":
      return <YesSwitch {...props} />;
    case "yes-no":
      return <YesNo {...props} />;
    case "radios":
      return <Radios {...props} />;
    case "select":
      return choicesOf(props.input).length > 0 ? <Choose {...props} /> : <Line {...props} type="text" />;
    case "suggest":
      return <Line {...props} type="text" suggestions={choicesOf(props.input).map((choice) => choice.value)} />;
    case "chips":
      return <Chips {...props} />;
    case "file":
      return <FileField {...props} />;
    case "code":
      return <Area {...props} />;
    case "secret":
      return <Secret {...props} />;
    case "rows":
      return <Rows {...props} />;
    default:
      return (
        <Line {...props} type={props.input.type === "EMAIL" ? "email" : props.input.type === "URI" ? "url" : "text"} />
      );
  }
}

const textOf = (value: FieldValue): string => (typeof value === "string" ? value : "");

const listOf = (value: FieldValue): string[] => (Array.isArray(value) ? value : []);

const described = ({ name, bad, describedBy, required }: WidgetProps) => ({
  id: `input-${name}`,
  "aria-invalid": bad || undefined,
  "aria-describedby": describedBy,
  "aria-required": required || undefined,
});

interface LineProps extends WidgetProps {
  type: string;
  inputMode?: "decimal";
  placeholder?: string;
  side?: string;
  suggestions?: string[];
}

function Line(props: LineProps) {
  const { name, value, known, bad, onChange, type, inputMode, placeholder, side, suggestions } = props;
  const list = suggestions && `suggestions-${name}`;
  return (
    <div className="input" data-bad={bad || undefined}>
      <input
        {...described(props)}
        type={type}
        step={type === "date" ? undefined : 1}
        inputMode={inputMode}
        list={list}
        placeholder={known ?? placeholder}
        value={textOf(value)}
        onChange={(event) => onChange(event.target.value)}
      />
      {side && <span className="caption subtle">{side}</span>}
      {suggestions && (
        <datalist id={list}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </div>
  );
}

function Area(props: WidgetProps) {
  const { value, known, bad, onChange } = props;
  return (
    <div className="input input-area mono" data-bad={bad || undefined}>
      <textarea
        {...described(props)}
        rows={4}
        spellCheck={false}
        placeholder={known}
        value={textOf(value)}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

function Secret(props: WidgetProps) {
  const [shown, setShown] = useState(false);
  const { value, bad, onChange } = props;
  return (
    <div className="input" data-bad={bad || undefined}>
      <input
        {...described(props)}
        type={shown ? "text" : "password"}
        autoComplete="off"
        value={textOf(value)}
        onChange={(event) => onChange(event.target.value)}
      />
      <IconButton label={shown ? "Hide" : "Show"} size="small" onClick={() => setShown(!shown)}>
        {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
      </IconButton>
    </div>
  );
}

function YesSwitch(props: WidgetProps) {
  const { value, known, onChange } = props;
  const on = (typeof value === "string" ? value : known) === "true";
  return (
    <span className="row switch-row">
      <Switch.Root
        {...described(props)}
        className="switch"
        checked={on}
        onCheckedChange={(next) => onChange(String(next))}
      >
        <Switch.Thumb className="switch-thumb" />
      </Switch.Root>
      <span className="muted">{on ? "Yes" : "No"}</span>
    </span>
  );
}

function YesNo({ input, value, onChange }: WidgetProps) {
  const segments = [
    { value: "true", word: "Yes" },
    { value: "false", word: "No" },
  ];
  return (
    <span>
      <Segments label={titleOf(input)} value={textOf(value)} segments={segments} onChange={onChange} />
    </span>
  );
}

function Radios(props: WidgetProps) {
  const { input, name, value, known, onChange } = props;
  const chosen = textOf(value) || known;
  return (
    <div className="row radios" role="radiogroup" aria-labelledby={`label-${name}`}>
      {choicesOf(input).map((choice) => (
        <label key={choice.value} className="row radio">
          <input type="radio" name={name} checked={choice.value === chosen} onChange={() => onChange(choice.value)} />
          {choice.label}
        </label>
      ))}
    </div>
  );
}

function Choose(props: WidgetProps) {
  const { input, value, known, bad, onChange } = props;
  return (
    <Select.Root value={textOf(value)} onValueChange={onChange}>
      <Select.Trigger {...described(props)} className="input select" data-bad={bad || undefined}>
        <span className="grow cut">
          <Select.Value placeholder={known ?? "Choose"} />
        </span>
        <ChevronDown className="icon-small subtle" aria-hidden />
      </Select.Trigger>
      <Select.Portal>
        <Select.Content className="menu select-menu" position="popper" sideOffset={4}>
          <Select.Viewport>
            {choicesOf(input).map((choice) => (
              <Select.Item key={choice.value} value={choice.value} className="menu-item">
                <span className="menu-mark">
                  <Select.ItemIndicator>
                    <Check className="icon-small" aria-hidden />
                  </Select.ItemIndicator>
                </span>
                <Select.ItemText>{choice.label}</Select.ItemText>
              </Select.Item>
            ))}
          </Select.Viewport>
        </Select.Content>
      </Select.Portal>
    </Select.Root>
  );
}

function Chips(props: WidgetProps) {
  const { input, name, value, onChange } = props;
  const chosen = listOf(value);
  const choices = choicesOf(input);
  const custom = chosen.filter((item) => !choices.some((choice) => choice.value === item));
  const toggle = (item: string) =>
    onChange(chosen.includes(item) ? chosen.filter((other) => other !== item) : [...chosen, item]);
  return (
    <div className="chips" role="group" aria-labelledby={`label-${name}`}>
      {[...choices, ...custom.map((item) => ({ value: item, label: item }))].map((choice) => (
        <button
          key={choice.value}
          type="button"
          className="chip-toggle"
          aria-pressed={chosen.includes(choice.value)}
          onClick={() => toggle(choice.value)}
        >
          {choice.label}
        </button>
      ))}
      {(input.allowCustomValue || choices.length === 0) && (
        <AddItem onAdd={(item) => !chosen.includes(item) && onChange([...chosen, item])} />
      )}
    </div>
  );
}

function AddItem({ onAdd }: { onAdd: (item: string) => void }) {
  const [text, setText] = useState("");
  return (
    <span className="input chip-add">
      <input
        aria-label="Another value"
        placeholder="Add"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.ctrlKey || text === "") return;
          event.preventDefault();
          onAdd(text);
          setText("");
        }}
      />
    </span>
  );
}

function Rows(props: WidgetProps) {
  const { input, name, value, bad, known, onChange } = props;
  const items = listOf(value).length > 0 ? listOf(value) : [""];
  return (
    <div className="item-rows" role="group" aria-labelledby={`label-${name}`}>
      {items.map((item, index) => (
        <div key={index} className="input" data-bad={bad || undefined}>
          <input
            aria-label={`${titleOf(input)}, item ${index + 1}`}
            placeholder={index === 0 ? known : undefined}
            value={item}
            onChange={(event) => onChange(items.with(index, event.target.value))}
          />
          {items.length > 1 && (
            <IconButton
              label={`Remove item ${index + 1}`}
              size="small"
              onClick={() => onChange(items.toSpliced(index, 1))}
            >
              <X aria-hidden />
            </IconButton>
          )}
        </div>
      ))}
      <IconButton label="Add an item" onClick={() => onChange([...items, ""])}>
        <Plus aria-hidden />
      </IconButton>
    </div>
  );
}
