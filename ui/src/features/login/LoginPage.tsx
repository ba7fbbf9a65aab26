// Signing in: the form at the left, at the right what the server says and where one was heading.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ArrowRight, Eye, EyeOff } from "lucide-react";
import { type FormEvent, useState } from "react";
import { ApiProblem } from "../../api/problem";
import { configuration, signIn } from "../../api/session";
import { Button } from "../../components/controls/Button";
import { IconButton } from "../../components/controls/IconButton";
import { saidBy } from "../../components/feedback/ErrorNote";
import { Mark } from "../../components/Mark";
import { StateGlyph } from "../../components/state/StateGlyph";
import { useSearchParams } from "../../components/useSearchParams";
import { parseSearch } from "../../model/search";
import "../../components/form/form.css";
import "./login.css";

export function LoginPage() {
  const { search } = useSearchParams();
  const server = useQuery(configuration);
  const heading = search.from ?? "/";
  return (
    <main className="login">
      <title>Sign in · Tiercel</title>
      <section className="login-side">
        <div className="row strong login-mark">
          <Mark />
          Tiercel
        </div>
        <LoginForm heading={heading} />
        <p className="caption subtle">{server.data?.version}</p>
      </section>
      <aside className="login-notice">
        <p className="row">
          <StateGlyph state={server.isError && !server.data ? "FAILED" : "SUCCESS"} />
          {server.isError && !server.data ? "Server does not answer" : "Server is up"}
        </p>
        {search.from && (
          <p className="row muted">
            <ArrowRight className="icon-small" aria-hidden />
            You were on your way to <span className="mono cut">{decodeURIComponent(heading.split("?")[0] ?? "")}</span>
          </p>
        )}
      </aside>
    </main>
  );
}

function LoginForm({ heading }: { heading: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await signIn(String(form.get("username")), String(form.get("password")));
      queries.clear();
      const [path, query = ""] = heading.split("?");
      await navigate({ to: path ?? "/", search: parseSearch(query) as never });
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <form className="login-form" onSubmit={(event) => void submit(event)}>
      <h1>Sign in</h1>
      <p className="muted">{window.location.host}</p>
      <div className="field">
        <label htmlFor="username">Email</label>
        <div className="input">
          <input id="username" name="username" autoComplete="username" required />
        </div>
      </div>
      <div className="field">
        <label htmlFor="password">Password</label>
        <div className="input" data-bad={failure !== undefined || undefined}>
          <input
            id="password"
            name="password"
            type={shown ? "text" : "password"}
            autoComplete="current-password"
            required
            aria-describedby="login-error"
          />
          <IconButton
            label={shown ? "Hide the password" : "Show the password"}
            size="small"
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
          </IconButton>
        </div>
        <p id="login-error" className="field-error" role="alert">
          {failure !== undefined && (
            <>
              <StateGlyph state="FAILED" />
              {sentenceFor(failure)}
            </>
          )}
        </p>
      </div>
      <Button type="submit" tone="primary" size="large" disabled={busy} shortcut="Enter">
        Sign in
      </Button>
    </form>
  );
}

const sentenceFor = (failure: unknown): string =>
  failure instanceof ApiProblem && failure.status === 401 ? "Email and password do not fit." : saidBy(failure);
