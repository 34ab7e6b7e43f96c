//! Every row's operation and its peer's under criterion: `cargo bench -p keyward-benches -- FILTER`.

use std::collections::HashSet;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use keyward_benches::{official_signer, rows};

fn operations(criterion: &mut Criterion) {
    // A peer's operation may stand beside several of ours.
    let mut seen = HashSet::new();
    for row in rows(official_signer()) {
        for mut operation in [Some(row.ours), row.peer].into_iter().flatten() {
            if !seen.insert(operation.id()) {
                continue;
            }
            let (implementation, name) = operation.id().split_once('/').expect("an id is `crate/operation`");
            let mut group = criterion.benchmark_group(implementation);
            if operation.repeats() > 1 {
                group.throughput(Throughput::Elements(operation.repeats().into()));
            }
            group.bench_function(name, |bencher| bencher.iter(|| operation.run()));
            group.finish();
        }
    }
}

criterion_group!(benches, operations);
criterion_main!(benches);
