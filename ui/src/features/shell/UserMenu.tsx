// What belongs to the reader: theme, density, signing out.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { LogOut, Settings2 } from "lucide-react";
import { signOut } from "../../api/session";
import { Menu, MenuChoice, MenuItem, MenuLine } from "../../components/controls/Menu";
import { changePreferences, type Density, type Theme, usePreferences } from "../../theme/preferences";

const THEMES = [
  { value: "light", word: "Light" },
  { value: "dark", word: "Dark" },
  { value: "system", word: "As the system" },
];
const DENSITIES = [
  { value: "compact", word: "Compact" },
  { value: "regular", word: "Regular" },
  { value: "relaxed", word: "Relaxed" },
];

export function UserMenu() {
  const { theme, density } = usePreferences();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    await signOut().catch(() => undefined);
    queries.clear();
    await navigate({ to: "/login" });
  };
  const trigger = (
    <button type="button" className="nav-item">
      <Settings2 className="icon" aria-hidden />
      <span className="cut nav-word">Preferences</span>
    </button>
  );
  return (
    <Menu trigger={trigger} side="top">
      <MenuChoice
        label="Theme"
        value={theme}
        choices={THEMES}
        onChange={(value) => changePreferences({ theme: value as Theme })}
      />
      <MenuChoice
        label="Density"
        value={density}
        choices={DENSITIES}
        onChange={(value) => changePreferences({ density: value as Density })}
      />
      <MenuLine />
      <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void leave()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
