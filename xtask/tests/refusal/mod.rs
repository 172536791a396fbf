//! What a refusal prints, as its reader takes it.

/// The overlay actions, as they are pasted.
pub(crate) fn actions(told: &str) -> String {
    let mut actions = String::new();
    let mut is_action = false;
    for line in told.lines() {
        is_action = (is_action || line.trim() == "overlay action:") && !line.is_empty();
        if is_action && line.trim() != "overlay action:" {
            actions.push_str(line.strip_prefix("   ").unwrap_or(line));
            actions.push('\n');
        }
    }
    actions
}
