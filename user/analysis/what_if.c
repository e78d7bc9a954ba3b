// SPDX-License-Identifier: GPL-2.0-only
/* The same windows under another setting. */
#include "analysis/what_if.h"
#include "base/units.h"
#include "model/model.h"

bool what_if_needed(const struct model_window *w, __u64 *ns)
{
	__u64 from = w->armed_ns ? w->armed_ns : w->number ? MODEL_NONE : w->removed_ns;
	__u64 back = w->back_ns ? w->back_ns : w->reappeared_ns;
	__u64 last = model_session_last(w->session);

	*ns = MODEL_NONE;
	if (!from)
		return false;
	if (back > from) {
		*ns = back - from;
		return true;
	}
	/* after an end that was not seen nothing can be said about a return */
	if (w->outcome == MODEL_UNKNOWN || w->outcome == MODEL_RECOVERED)
		return false;
	*ns = last > from ? last - from : MODEL_NONE;
	return false;
}

/* The setting it had all the time: then it is what happened. */
static bool same_setting(const struct model_window *w, __u64 setting_ns)
{
	if (w->outcome == MODEL_NOT_ARMED)
		return !setting_ns;
	return !w->moves && w->setting_known && w->armed_ns &&
	       w->setting_ms == setting_ns / NS_PER_MS && setting_ns % NS_PER_MS == 0;
}

void what_if(const struct model_window *w, __u64 setting_ns, struct what_if *result)
{
	bool returned;
	__u64 needed;

	*result = (struct what_if) { .outcome = MODEL_UNKNOWN };
	returned = what_if_needed(w, &needed);
	if (same_setting(w, setting_ns) && w->outcome != MODEL_PENDING) {
		result->outcome = w->outcome;
		result->margin_known = w->margin_known && outcome_saved(w->outcome);
		result->margin_ns = w->margin_ns;
		return;
	}
	if (!needed)
		return;
	if (!setting_ns) {
		result->outcome = MODEL_NOT_ARMED;
	} else if (returned && needed < setting_ns) {
		result->outcome = MODEL_RECOVERED;
		result->margin_known = true;
		result->margin_ns = (__s64)(setting_ns - needed);
	} else {
		result->outcome = needed >= setting_ns ? MODEL_REMOVED : MODEL_PENDING;
	}
	result->changed = (outcome_saved(result->outcome) && outcome_gone(w->outcome)) ||
			  (outcome_gone(result->outcome) && outcome_saved(w->outcome));
}
