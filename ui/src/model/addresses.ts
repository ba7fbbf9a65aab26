// The addresses of pages, by the paths people know: old links keep working.
interface Named {
  namespace: string;
  flowId: string;
}

const part = encodeURIComponent;

export const flowsAddress = (tenant: string): string => `/${part(tenant)}/flows`;
export const executionsAddress = (tenant: string): string => `/${part(tenant)}/executions`;

export const flowAddress = (tenant: string, { namespace, flowId }: Named, tab = "overview"): string =>
  `${flowsAddress(tenant)}/edit/${part(namespace)}/${part(flowId)}/${tab}`;

export const executionAddress = (tenant: string, execution: Named & { id: string }, tab = "gantt"): string =>
  `${executionsAddress(tenant)}/${part(execution.namespace)}/${part(execution.flowId)}/${part(execution.id)}/${tab}`;
