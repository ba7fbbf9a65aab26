// A page: its header is the top, then tabs, facts and content. The last part of the path is the title.
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import "./layout.css";

export interface Crumb {
  word: string;
  to: string;
  search?: Record<string, string>;
}

interface PageProps {
  title: string;
  crumbs?: Crumb[];
  mark?: ReactNode;
  actions?: ReactNode;
  tabs?: ReactNode;
  facts?: ReactNode;
  children: ReactNode;
}

export function Page({ title, crumbs = [], mark, actions, tabs, facts, children }: PageProps) {
  return (
    <main className="page" id="content">
      <title>{`${title} · Tiercel`}</title>
      <header className="page-head">
        <div className="crumbs">
          {crumbs.map((crumb) => (
            <Fragment key={crumb.to + crumb.word}>
              <Link to={crumb.to} search={crumb.search ?? {}} className="crumb">
                {crumb.word}
              </Link>
              <span className="crumb-line" aria-hidden>
                /
              </span>
            </Fragment>
          ))}
          <h1 className="cut">{title}</h1>
        </div>
        {mark}
        <div className="page-actions">{actions}</div>
      </header>
      {tabs}
      {facts && <div className="facts">{facts}</div>}
      <div className="content">{children}</div>
    </main>
  );
}

/** A fact in the line below the tabs: label and value, no box. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <span>
      {label} <b>{children}</b>
    </span>
  );
}
