// The sign of what starts a flow, with its word.
import { CalendarClock, Radio, Search, Webhook, Workflow } from "lucide-react";
import { type TriggerKind, triggerKind } from "../model/triggers";
import "./controls/controls.css";

const ICONS: Record<TriggerKind, typeof Search> = {
  schedule: CalendarClock,
  webhook: Webhook,
  flow: Workflow,
  realtime: Radio,
  polling: Search,
};

export function TriggerIcon({ type, id }: { type: string; id: string }) {
  const Icon = ICONS[triggerKind(type)];
  return <Icon className="icon-small subtle" role="img" aria-label={`${id}, ${triggerKind(type)}`} />;
}
