//! Which action a message is about.

use std::collections::HashMap;
use std::sync::Arc;

use deskhand_domain::parameters;
use deskhand_domain::prompt::Tool;

use super::dates::without_times;
use super::words::{content, is_weak, same};

/// A word of the name or display name.
const IN_NAME: f64 = 2.0;
/// A word of an example.
const IN_EXAMPLE: f64 = 1.5;
/// A word of the description.
const IN_DESCRIPTION: f64 = 1.0;
/// A word of a parameter's name.
const IN_PARAMETER: f64 = 0.5;
/// What a word of the same meaning is worth beside the word itself.
const SYNONYM: f64 = 0.7;
/// What a word that many actions share is worth.
const WEAK: f64 = 0.4;
/// From here on an action is meant, whatever else was said.
const ENOUGH: f64 = 2.0;
/// From here on it is meant if at least half of what was said is about it.
const ENOUGH_IF_MOST: f64 = 1.0;

/// The actions on offer, ready to be compared with messages.
pub(super) struct Chooser {
    bags: Vec<Bag>,
}

struct Bag {
    weights: HashMap<String, f64>,
    examples: Vec<Vec<String>>,
}

impl Chooser {
    pub(super) fn new(tools: &[Arc<Tool>]) -> Self {
        let mut bags: Vec<Bag> = tools.iter().map(|tool| bag(tool)).collect();
        // A word that only one action knows tells more than one that all know.
        let count = bags.len() as f64;
        let mut known_to: HashMap<String, f64> = HashMap::new();
        for bag in &bags {
            for word in bag.weights.keys() {
                *known_to.entry(word.clone()).or_default() += 1.0;
            }
        }
        for bag in &mut bags {
            for (word, weight) in &mut bag.weights {
                let rarity = 1.0 + (count / known_to[word]).ln() / 2.0;
                *weight *= rarity * if is_weak(word) { WEAK } else { 1.0 };
            }
        }
        Self { bags }
    }

    /// The action the text is about, as an index, if it is about one.
    pub(super) fn choose(&self, text: &str) -> Option<usize> {
        let said = content(&without_times(text));
        let mut best: Option<(usize, f64)> = None;
        for (index, bag) in self.bags.iter().enumerate() {
            if let Some(score) = bag.score(&said)
                && best.is_none_or(|(_, high)| score > high)
            {
                best = Some((index, score));
            }
        }
        best.map(|(index, _)| index)
    }

    /// How much the words are about an action, however little that is.
    pub(super) fn weight(&self, tool: usize, said: &[String]) -> f64 {
        said.iter()
            .map(|word| self.bags[tool].weight(word))
            .sum::<f64>()
    }

    /// How many of the words an action knows.
    pub(super) fn known(&self, tool: usize, said: &[String]) -> usize {
        said.iter()
            .filter(|word| self.bags[tool].weight(word) > 0.0)
            .count()
    }
}

impl Bag {
    /// What a word is worth to this action.
    fn weight(&self, word: &str) -> f64 {
        self.weights
            .iter()
            .map(|(mine, weight)| match () {
                () if mine == word => *weight,
                () if same(mine, word) => weight * SYNONYM,
                () => 0.0,
            })
            .fold(0.0, f64::max)
    }

    /// How much the words are about this action; nothing if too little.
    fn score(&self, said: &[String]) -> Option<f64> {
        let mut score = 0.0;
        let mut known = 0;
        for word in said {
            let weight = self.weight(word);
            if weight > 0.0 {
                known += 1;
                score += weight;
            }
        }
        if self.examples.iter().any(|example| alike(example, said)) {
            score += ENOUGH;
        }
        let most = known * 2 >= said.len() && score >= ENOUGH_IF_MOST;
        (score >= ENOUGH || most).then_some(score)
    }
}

fn bag(tool: &Tool) -> Bag {
    let mut weights: HashMap<String, f64> = HashMap::new();
    let mut add = |text: &str, weight: f64| {
        for word in content(&text.replace('_', " ")) {
            let entry = weights.entry(word).or_default();
            *entry = entry.max(weight);
        }
    };
    add(&tool.name, IN_NAME);
    add(&tool.display_name, IN_NAME);
    add(&tool.description, IN_DESCRIPTION);
    for example in &tool.examples {
        add(example, IN_EXAMPLE);
    }
    for (name, _) in parameters::properties(&tool.parameters) {
        add(name, IN_PARAMETER);
    }
    Bag {
        weights,
        examples: tool
            .examples
            .iter()
            .map(|example| content(example))
            .collect(),
    }
}

/// At least six words in ten are shared.
fn alike(a: &[String], b: &[String]) -> bool {
    let shared = a.iter().filter(|word| b.contains(word)).count();
    let all = a.len() + b.len() - shared;
    all > 0 && shared * 10 >= all * 6
}
