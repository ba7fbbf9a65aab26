"""`io.kestra.plugin.core.trigger.Flow`: starts executions because of those of other flows."""

from tiercel.sdk import FlowTrigger, Trigger


class Flow(FlowTrigger, Trigger, type="io.kestra.plugin.core.trigger.Flow"):
    """Start an execution when those of other flows have come to a state: one of them, or several within a window."""

    example = """
        id: after_orders
        namespace: company.team
        tasks:
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ trigger.flowId }} ended {{ trigger.state }}"
        triggers:
          - id: orders
            type: io.kestra.plugin.core.trigger.Flow
            dependsOn:
              - namespace: company.team
                flowId: load_orders
              - namespace: company.team
                flowId: load_customers
            window:
              deadline: "09:00:00"
    """
