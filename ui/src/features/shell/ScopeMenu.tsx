// The namespace scope: a prefix that all lists obey, written to the address as `ns`.
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, FolderTree } from "lucide-react";
import { namespaces } from "../../api/flows";
import { Menu, MenuChoice } from "../../components/controls/Menu";
import { useSearchParams } from "../../components/useSearchParams";
import { withParents } from "../../model/namespaces";

const ALL = "";

export function ScopeMenu({ tenant, scope }: { tenant: string; scope: string | undefined }) {
  const { push } = useSearchParams();
  const found = useQuery(namespaces(tenant));
  const choices = withParents(found.data ?? []).map((name) => ({ value: name, word: name }));
  const trigger = (
    <button type="button" className="scope" aria-label={`${scope ?? "All namespaces"}, scope of the lists`}>
      <FolderTree className="icon-small" aria-hidden />
      <span className="cut grow nav-word">{scope ?? "All namespaces"}</span>
      <ChevronDown className="icon-small nav-word" aria-hidden />
    </button>
  );
  return (
    <Menu trigger={trigger}>
      <MenuChoice
        label="Lists show"
        value={scope ?? ALL}
        choices={[{ value: ALL, word: "All namespaces" }, ...choices]}
        onChange={(chosen) => push({ ns: chosen === ALL ? undefined : chosen })}
      />
    </Menu>
  );
}
