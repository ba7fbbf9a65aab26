// Whether the server answers, in words; red when it does not.
import { useQuery } from "@tanstack/react-query";
import { configuration } from "../../api/session";

export function ServerState() {
  const server = useQuery(configuration);
  const trouble = server.isError && server.failureCount > 0;
  return (
    <div className="nav-item nav-state" role="status" data-trouble={trouble || undefined}>
      <span className="icon nav-dot">
        <span className="live-dot" data-state={trouble ? "trouble" : server.isPending ? "waiting" : undefined} />
      </span>
      <span className="cut nav-word">{trouble ? "No answer, trying again" : "Live"}</span>
      {!trouble && server.data?.version && <span className="nav-count">{server.data.version}</span>}
    </div>
  );
}
