//! What a crate says beside files and authors: who else had part in it, who paid, what was looked at and how, and what it
//! belongs to. Each is a thing of its own with a name in the crate, and a property of the root that leads to it.

use crate::{
    contents::name_in_crate,
    place::Place,
    schema_org::{days, one_or_all},
    schema_org_science as science,
};
use record::{Record, agent::Person, metadata::Funding, relation::Target};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Relations and grants beyond these are in the record's other descriptions.
const LISTED_MAX: usize = 1000;

#[derive(Default)]
pub(crate) struct Surroundings {
    /// Properties of the root.
    pub(crate) of_root: Map<String, Value>,
    pub(crate) things: Vec<Value>,
    /// Which property of the root leads to which name already.
    led_to: BTreeSet<(String, String)>,
}

/// How the crate names a person, and that person's description with those of the institutions.
pub(crate) type Described = (String, Vec<Value>);

impl Surroundings {
    pub(crate) fn of(record: &Record, place: &Place, describe: impl Fn(String, &Person) -> Described) -> Self {
        let mut all = Self::default();
        all.people(record, describe);
        all.funding(&record.metadata.funding);
        all.science(record);
        all.relations(record, place);
        let said = &record.metadata;
        for (key, text) in [("abstract", &said.why_it_matters), ("temporalCoverage", &said.acquisition.date)] {
            if let Some(text) = text {
                all.of_root.insert(key.to_owned(), json!(text));
            }
        }
        all.of_root.extend(days(said).into_iter().filter_map(|(key, days)| Some((key.to_owned(), one_or_all(days)?))));
        for names in all.of_root.values_mut() {
            if let Value::Array(list) = names {
                *names = one_or_all(std::mem::take(list)).unwrap_or_default();
            }
        }
        all
    }

    /// Puts a thing under its name, and the name once under a property of the root.
    fn name(&mut self, property: &str, id: &str, mut thing: Value) {
        if !self.led_to.insert((property.to_owned(), id.to_owned())) {
            return;
        }
        thing["@id"] = json!(id);
        self.things.push(thing);
        let names = self.of_root.entry(property).or_insert_with(|| json!([]));
        if let Some(names) = names.as_array_mut() {
            names.push(json!({ "@id": id }));
        }
    }

    fn people(&mut self, record: &Record, describe: impl Fn(String, &Person) -> Described) {
        let said = &record.metadata;
        let others = said
            .contributors
            .iter()
            .enumerate()
            .map(|(number, other)| (format!("#contributor-{}", number + 1), &other.person, vec![other.part.name().to_owned()]));
        let authors = said.creators.iter().enumerate().filter(|(_, person)| !person.roles.is_empty());
        let authors = authors
            .map(|(number, person)| (format!("#person-{}", number + 1), person, person.roles.iter().map(|role| role.url()).collect()));
        for (number, (name, person, roles)) in others.chain(authors).enumerate() {
            let (id, things) = describe(name, person);
            self.things.extend(things);
            let names = one_or_all(roles.iter().map(|role| json!(role)).collect());
            let role = json!({ "@type": "Role", "name": roles.join(", "), "roleName": names, "contributor": { "@id": id } });
            self.name("contributor", &format!("#role-{}", number + 1), role);
        }
    }

    fn funding(&mut self, funding: &[Funding]) {
        for (number, grant) in funding.iter().take(LISTED_MAX).enumerate() {
            // Two grants of one funder lead to one thing.
            let funder =
                grant.funder_id.clone().filter(|id| id.starts_with("https://")).unwrap_or_else(|| name_in_crate("funder", &grant.funder));
            let mut organisation = json!({ "@type": "Organization", "name": grant.funder });
            if funder.starts_with("https://") {
                organisation["url"] = json!(funder);
            }
            self.name("funder", &funder, organisation);
            let mut thing = json!({ "@type": "Grant", "name": grant.award_title.as_ref().or(grant.award.as_ref()).unwrap_or(&grant.funder), "funder": { "@id": funder } });
            for (key, text) in [("identifier", &grant.award), ("url", &grant.award_url)] {
                if let Some(text) = text {
                    thing[key] = json!(text);
                }
            }
            self.name("funding", &format!("#grant-{}", number + 1), thing);
        }
    }

    fn science(&mut self, record: &Record) {
        let said = &record.metadata;
        for (number, thing) in science::about(&said.sample).into_iter().enumerate() {
            let id = thing["@id"].as_str().map_or_else(|| format!("#about-{}", number + 1), str::to_owned);
            self.name("about", &id, without_parts(thing));
        }
        if let Some(found) = science::finding_place(&said.sample) {
            self.found_at(found);
        }
        let seen = &said.acquisition;
        let tools: Vec<Value> = science::apparatus(seen);
        if tools.is_empty() && seen.technique.is_none() && seen.facility.is_none() {
            return;
        }
        let mut action = json!({ "@type": "CreateAction", "name": "Measurement", "result": { "@id": "./" } });
        let mut names = Vec::new();
        for (number, mut tool) in tools.into_iter().enumerate() {
            let id = format!("#instrument-{}", number + 1);
            tool["@id"] = json!(id);
            self.things.push(tool);
            names.push(json!({ "@id": id }));
        }
        if !names.is_empty() {
            action["instrument"] = json!(one_or_all(names));
        }
        if let Some(facility) = science::facility(seen) {
            let id = facility["@id"].as_str().unwrap_or("#facility").to_owned();
            action["agent"] = json!({ "@id": id });
            self.name("sourceOrganization", &id, facility);
        }
        let techniques =
            science::techniques(seen).into_iter().map(|one| one["name"].as_str().or(one.as_str()).unwrap_or_default().to_owned());
        let techniques: Vec<String> = techniques.filter(|name| !name.is_empty()).collect();
        action["description"] = json!(techniques.join(", "));
        if let Some(date) = &seen.date {
            action["endTime"] = json!(date);
        }
        self.name("mentions", "#measurement", action);
    }

    fn found_at(&mut self, mut found: Value) {
        if let Some(mut geo) = found.get("geo").cloned() {
            geo["@id"] = json!("#coordinates");
            found["geo"] = json!({ "@id": "#coordinates" });
            self.things.push(geo);
        }
        if let Some(mut day) = found.get("additionalProperty").cloned() {
            day["@id"] = json!("#found-on");
            found["additionalProperty"] = json!({ "@id": "#found-on" });
            self.things.push(day);
        }
        self.name("spatialCoverage", "#found-at", found);
    }

    fn relations(&mut self, record: &Record, place: &Place) {
        // A work may be related in several ways, and is one thing.
        let mut works: BTreeMap<String, (Option<&String>, BTreeSet<&str>)> = BTreeMap::new();
        for relation in record.metadata.related.iter().take(LISTED_MAX) {
            let address = if let Target::Record(id) = &relation.target { place.entry_url(id) } else { relation.address() };
            // One cannot be cited that has no address.
            if address.starts_with("http://") || address.starts_with("https://") {
                let (title, relations) = works.entry(address).or_default();
                *title = title.or(relation.title.as_ref());
                relations.insert(relation.relation.name());
            }
        }
        for (address, (title, relations)) in works {
            let relations: Vec<&str> = relations.into_iter().collect();
            let name = title.unwrap_or(&address);
            self.name("citation", &address, json!({ "@type": "CreativeWork", "name": name, "description": relations.join(", ") }));
        }
    }
}

/// A crate is flat: what stands inside another thing becomes its words.
fn without_parts(mut thing: Value) -> Value {
    if let Some(value) = thing["identifier"].get("value").cloned() {
        thing["identifier"] = value;
    }
    thing
}
