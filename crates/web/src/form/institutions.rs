//! Institutions that were written by name alone get their ids in the Research Organization Registry, where the list kept here knows
//! the name: also who has no script types or chooses a name, and the id is found on saving. What nobody knows stays a name.

use super::{items, set};
use record::{identifier::Ror, metadata::Metadata};
use serde_json::{Value, json};

const FACILITY: &str = "/acquisition/facility";
const FACILITY_ROR: &str = "/acquisition/facility_ror";

/// Whether a change speaks of institutions at all.
pub(crate) fn are_in(patch: &Value) -> bool {
    [FACILITY, "/creators", "/contributors"].iter().any(|place| patch.pointer(place).is_some_and(|value| !value.is_null()))
}

/// One institution for all authors of a change who have none.
pub(crate) fn for_those_without(name: &str, patch: &mut Value) {
    let name = name.trim();
    if name.is_empty() {
        return;
    }
    let people = patch.get_mut("creators").and_then(Value::as_array_mut).into_iter().flatten();
    for person in people.filter(|person| person["organisation"] != json!(true) && items(&person["affiliations"]).next().is_none()) {
        person["affiliations"] = json!([{ "name": name }]);
    }
}

/// Adds the ids of what is known by exactly its name. An id that belonged to the facility before goes with it.
pub(crate) fn complete(patch: &mut Value, before: &Metadata, ror_of: impl Fn(&str) -> Option<Ror>) {
    if let Some(name) = patch.pointer(FACILITY).and_then(Value::as_str) {
        let held = before.acquisition.facility_ror.as_ref();
        let given = match patch.pointer(FACILITY_ROR) {
            None => held.cloned(),
            Some(written) => written.as_str().and_then(|text| text.parse::<Ror>().ok()),
        };
        let is_of_another = before.acquisition.facility.as_deref() != Some(name) && held.is_some() && given.as_ref() == held;
        let known = if given.is_none() || is_of_another { ror_of(name) } else { None };
        if known.is_some() || is_of_another {
            set(patch, FACILITY_ROR, json!(known));
        }
    }
    for (list, person) in [("creators", ""), ("contributors", "/person")] {
        let rows = patch.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        let people = rows.filter_map(|row| row.pointer_mut(person)?.get_mut("affiliations")?.as_array_mut());
        for place in people.flatten().filter(|place| place["ror"].is_null()) {
            if let Some(ror) = place["name"].as_str().and_then(&ror_of) {
                place["ror"] = json!(ror);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESY: &str = "https://ror.org/01js2sh04";
    const ESRF: &str = "https://ror.org/02550n020";

    fn known(name: &str) -> Option<Ror> {
        let all = [("DESY", DESY), ("ESRF", ESRF)];
        all.iter().find(|(known, _)| *known == name).map(|(_, ror)| ror.parse().unwrap())
    }

    fn facility(before: (&str, Option<&str>), patch: Value) -> Value {
        let mut said = Metadata::default();
        said.acquisition.facility = Some(before.0.to_owned());
        said.acquisition.facility_ror = before.1.map(|ror| ror.parse().unwrap());
        let mut patch = json!({ "acquisition": patch });
        complete(&mut patch, &said, known);
        patch["acquisition"]["facility_ror"].clone()
    }

    #[test]
    fn the_id_of_a_facility_is_found_by_its_name_and_goes_with_it() {
        let sent = |name: &str, ror: Value| json!({ "facility": name, "facility_ror": ror });
        assert_eq!(facility(("", None), sent("DESY", Value::Null)), DESY);
        assert_eq!(facility(("DESY", Some(DESY)), sent("ESRF", json!(DESY))), ESRF, "the old id stood in the form still");
        assert_eq!(facility(("DESY", Some(DESY)), sent("My cellar", json!(DESY))), Value::Null);
        assert_eq!(facility(("DESY", Some(DESY)), json!({ "facility": "My cellar" })), Value::Null, "only the name was sent");
        assert_eq!(facility(("My cellar", None), sent("My cellar", json!(ESRF))), ESRF, "an id that somebody gives is theirs");
        assert_eq!(facility(("DESY", Some(DESY)), sent("Hamburg", json!(ESRF))), ESRF);
        assert_eq!(facility(("", None), sent("My cellar", Value::Null)), Value::Null);
    }

    #[test]
    fn authors_get_the_institution_that_was_chosen_and_its_id() {
        let mut patch = json!({
            "creators": [{ "family": "Haas" }, { "family": "Ada", "affiliations": [{ "name": "My cellar" }] }, { "family": "Group", "organisation": true }],
            "contributors": [{ "person": { "family": "B", "affiliations": [{ "name": "ESRF" }] }, "part": "Other" }, "nonsense"],
        });
        assert!(are_in(&patch) && !are_in(&json!({ "title": "x", "creators": null })));
        for_those_without(" DESY ", &mut patch);
        complete(&mut patch, &Metadata::default(), known);
        assert_eq!(patch["creators"][0]["affiliations"], json!([{ "name": "DESY", "ror": DESY }]));
        assert_eq!(patch["creators"][1]["affiliations"], json!([{ "name": "My cellar" }]));
        assert_eq!(patch["creators"][2].get("affiliations"), None);
        assert_eq!(patch["contributors"][0]["person"]["affiliations"][0]["ror"], ESRF);
    }
}
