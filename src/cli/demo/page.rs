//! The tutorial's page, which a browser opens.

use serde_json::{Value, json};

use super::steps::Step;

/// The page, with a place for the steps.
const PAGE: &str = include_str!("page.html");

/// What stands in the page where the steps belong.
const PLACE: &str = "/* steps */[]";

/// The page that plays these steps.
pub(super) fn page(steps: &[&Step]) -> String {
    let list: Vec<Value> = steps.iter().map(|step| told(step)).collect();
    // `</script>` within a text would end the script.
    PAGE.replace(PLACE, &json!(list).to_string().replace("</", "<\\/"))
}

fn told(step: &Step) -> Value {
    json!({
        "number": step.number,
        "title": step.title,
        "before": step.before,
        "behind": step.behind,
        "says": step.says,
        "leaves": step.leaves.name(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::steps::STEPS;

    #[test]
    fn the_page_plays_the_steps_that_are_asked_for_and_loads_nothing_else() {
        let whole = page(&STEPS.iter().collect::<Vec<_>>());
        assert!(STEPS.iter().all(|step| whole.contains(step.title)) && !whole.contains(PLACE));
        assert!(!whole.contains("http://") && !whole.contains("https://") && !whole.contains("src="));
        assert_eq!(whole.matches("</script>").count(), 1);
        let third = page(&[&STEPS[2]]);
        assert!(third.contains(STEPS[2].title) && !third.contains(STEPS[0].title));
    }
}
