import { labelsOf } from "../../model/groups";
import "../controls/controls.css";

export function LabelTags({ labels }: { labels: unknown }) {
  return labelsOf(labels).map((label) => (
    <span key={label.key} className="tag">
      {label.key}: <b>{label.value}</b>
    </span>
  ));
}
