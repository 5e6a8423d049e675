//! Nodes that share a store: each sees it late, has a clock of its own, and may be cut off from it or
//! die. The store changes one thing at a time, as a guarded update of a database does.

use super::*;

const SCHEDULES: u64 = 1_000;
const NODES: usize = 4;
const STEPS: usize = 400;
/// How far a node's clock may be off.
const SKEW_MS: i64 = 5_000;
const TIMEOUT_SECONDS: u32 = 30;

/// A small generator of its own (xorshift), so that a seed says everything.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, end: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    fn one_in(&mut self, n: i64) -> bool {
        self.below(n) == 0
    }
}

#[derive(Default)]
struct Node {
    breaker: Breaker,
    skew_ms: i64,
    cut_off: bool,
    /// By its own clock: when, and whether it failed; since what it knows last changed.
    made: Vec<(i64, bool)>,
    under_way: Vec<UnderWay>,
}

struct UnderWay {
    ends_ms: i64,
    fails: bool,
    probe: Option<InvocationId>,
}

struct World {
    random: Random,
    now_ms: i64,
    stored: Circuit,
    nodes: Vec<Node>,
    is_down: bool,
    calls: u64,
    /// What happened, to be sure that something did.
    opened: u32,
    closed: u32,
    probes: u32,
}

fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(BEGIN + ms).unwrap()
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let nodes = (0..NODES)
            .map(|_| Node {
                skew_ms: random.below(2 * SKEW_MS) - SKEW_MS,
                ..Node::default()
            })
            .collect();
        Self {
            random,
            now_ms: 0,
            stored: Circuit::default(),
            nodes,
            is_down: false,
            calls: 0,
            opened: 0,
            closed: 0,
            probes: 0,
        }
    }

    fn clock(&self, node: usize) -> i64 {
        self.now_ms + self.nodes[node].skew_ms
    }

    /// A guarded update: it applies to what is stored or to nothing, and the node learns what is there.
    fn change(&mut self, node: usize, change: &Change) -> bool {
        if self.nodes[node].cut_off {
            return false;
        }
        let after = self.stored.after(change, moment(self.clock(node)));
        let done = after.is_some();
        if let Some(after) = after {
            let was_open = self.stored.open.is_some();
            self.opened += u32::from(!was_open && after.open.is_some());
            self.closed += u32::from(was_open && after.open.is_none());
            self.stored = after;
        }
        self.learn(node);
        done
    }

    fn learn(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        if !node.cut_off && node.breaker.learn(&self.stored) {
            node.made.clear();
        }
    }

    fn call(&mut self, node: usize) {
        self.calls += 1;
        let now = self.clock(node);
        let id = InvocationId::new(
            moment(now),
            &Numbered(u8::try_from(self.calls % 251).unwrap()),
        );
        let probe = match self.nodes[node].breaker.known().passage(moment(now)) {
            Passage::Free => None,
            Passage::Barred => return,
            Passage::AsProbe => {
                let probe = Probe::new(id, moment(now), TIMEOUT_SECONDS);
                if !self.change(node, &Change::Probe(probe)) {
                    return;
                }
                self.probes += 1;
                Some(id)
            }
        };
        let most = i64::from(TIMEOUT_SECONDS) * 1_000;
        let takes = if self.random.one_in(4) {
            most
        } else {
            self.random.below(3_000)
        };
        let ends_ms = self.now_ms + takes;
        let fails = self.is_down || self.random.one_in(5);
        self.nodes[node].under_way.push(UnderWay {
            ends_ms,
            fails,
            probe,
        });
        let probing = self.nodes.iter().flat_map(|node| &node.under_way);
        let probing = probing.filter(|call| call.probe.is_some() && call.ends_ms > self.now_ms);
        assert!(probing.count() <= 1, "two probes at once");
    }

    fn end(&mut self, node: usize, call: &UnderWay) {
        let now = self.clock(node);
        let sign = if call.fails { TIMEOUT } else { Sign::Answered };
        if let Some(id) = call.probe {
            let change = if call.fails {
                Change::Failed(id)
            } else {
                Change::Answered(id)
            };
            self.change(node, &change);
            return;
        }
        if self.nodes[node].breaker.known().open.is_some() {
            return;
        }
        self.nodes[node].made.push((now, call.fails));
        let opens = self.nodes[node].breaker.heard(sign, moment(now));
        let exactly = self.within_the_rule(node, 300_000);
        // Slices of five seconds may forget a call by so much too soon.
        let surely = call.fails && self.within_the_rule(node, 295_000) && exactly;
        let steady = self.nodes[node]
            .made
            .iter()
            .all(|(made, _)| *made > now - 295_000);
        assert!(
            opens.is_some() || !(surely && steady),
            "it should have opened"
        );
        if let Some(change) = opens {
            assert!(exactly || !steady, "it opened against the rule");
            let known = self.nodes[node].breaker.known().generation;
            let fresh = known == self.stored.generation && !self.nodes[node].cut_off;
            let done = self.change(node, &change);
            assert_eq!(done, fresh, "only what is known to be closed is opened");
        }
    }

    fn within_the_rule(&self, node: usize, window_ms: i64) -> bool {
        let now = self.clock(node);
        let lately = self.nodes[node].made.iter();
        let lately = lately.filter(|(made, _)| *made > now - window_ms);
        let (calls, failed) = lately.fold((0, 0), |(calls, failed), (_, fails)| {
            (calls + 1, failed + u32::from(*fails))
        });
        calls >= 10 && failed * 10 >= calls * 7
    }

    fn pass(&mut self, ms: i64) {
        self.now_ms += ms;
        for node in 0..NODES {
            let under_way = std::mem::take(&mut self.nodes[node].under_way);
            let (ended, left): (Vec<_>, Vec<_>) = under_way
                .into_iter()
                .partition(|call| call.ends_ms <= self.now_ms);
            self.nodes[node].under_way = left;
            for call in &ended {
                self.end(node, call);
            }
        }
    }

    fn step(&mut self) {
        let node = usize::try_from(self.random.below(4)).unwrap();
        match self.random.below(100) {
            0..70 => self.call(node),
            70..80 => self.learn(node),
            80..84 => self.nodes[node].cut_off = !self.nodes[node].cut_off,
            84..86 => {
                // It dies, and its calls with it; another takes its place and begins by reading.
                let skew_ms = self.random.below(2 * SKEW_MS) - SKEW_MS;
                self.nodes[node] = Node {
                    skew_ms,
                    ..Node::default()
                };
                self.learn(node);
            }
            86..88 => self.is_down = !self.is_down,
            _ => {}
        }
        let ms = self.random.below(4_000);
        self.pass(ms);
    }

    /// From here on all is well: nobody fails, nobody is cut off, everybody calls.
    fn heal(&mut self) {
        self.is_down = false;
        for node in &mut self.nodes {
            node.cut_off = false;
            for call in &mut node.under_way {
                call.fails = false;
            }
        }
        let longest = (30 + 20 + 30) * 1_000 + 4 * SKEW_MS + 60_000;
        let until = self.now_ms + longest;
        while self.now_ms < until {
            for node in 0..NODES {
                self.learn(node);
                self.call(node);
                for call in &mut self.nodes[node].under_way {
                    call.fails = false;
                }
            }
            self.pass(1_000);
        }
        assert_eq!(self.stored.open, None, "it stayed open");
        for node in 0..NODES {
            self.learn(node);
            let now = moment(self.clock(node));
            assert_eq!(self.nodes[node].breaker.known().passage(now), Passage::Free);
        }
    }
}

#[test]
fn one_probe_at_a_time_opened_by_the_rule_and_closed_again() {
    let (mut opened, mut closed, mut probes) = (0, 0, 0);
    for seed in 0..SCHEDULES {
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step();
        }
        world.heal();
        opened += world.opened;
        closed += world.closed;
        probes += world.probes;
        assert_eq!(world.opened, world.closed, "seed {seed}");
    }
    // Or nothing of the above would have been looked at.
    assert!(
        opened > 500 && probes > opened,
        "{opened} opened, {probes} probes"
    );
    assert_eq!(opened, closed);
}
