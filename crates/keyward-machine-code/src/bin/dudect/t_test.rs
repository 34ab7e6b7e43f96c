use std::time::Duration;

/// So many times are looked at to find the limits.
pub(crate) const WARM_UP: usize = 2_000;

/// The shares of all times below the limits: the slowest times tell more of interrupts than of the code.
const SHARES: [f64; 7] = [0.999, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25];

/// Welch's t-test of two classes of times, for all times and for those below each limit.
pub(crate) struct TTest {
    warm_up: Vec<f64>,
    /// In nanoseconds, the first infinite.
    limits: Vec<f64>,
    classes: Vec<[Statistics; 2]>,
}

impl TTest {
    pub(crate) fn new() -> Self {
        Self { warm_up: Vec::with_capacity(WARM_UP), limits: Vec::new(), classes: Vec::new() }
    }

    pub(crate) fn add(&mut self, is_fixed: bool, time: Duration) {
        let time = time.as_nanos() as f64;
        if self.limits.is_empty() {
            self.warm_up.push(time);
            if self.warm_up.len() == WARM_UP {
                self.warm_up.sort_by(f64::total_cmp);
                let limit = |share: &f64| self.warm_up[(share * WARM_UP as f64) as usize];
                self.limits = [f64::INFINITY].into_iter().chain(SHARES.iter().map(limit)).collect();
                self.classes = vec![[Statistics::default(); 2]; self.limits.len()];
            }
            return;
        }
        for (limit, classes) in self.limits.iter().zip(&mut self.classes) {
            if time <= *limit {
                classes[usize::from(is_fixed)].add(time);
            }
        }
    }

    /// |t| for each limit, the infinite one first.
    pub(crate) fn values(&self) -> impl Iterator<Item = f64> {
        self.classes.iter().map(|[random, fixed]| {
            let difference = random.mean - fixed.mean;
            let variance = random.variance_of_mean() + fixed.variance_of_mean();
            // Of a class that is cut off whole, and of times that are all the same, there is no statistic.
            let is_defined = random.count > 1.0 && fixed.count > 1.0 && variance > 0.0;
            if is_defined { (difference / variance.sqrt()).abs() } else { 0.0 }
        })
    }
}

/// Mean and variance by Welford's method.
#[derive(Clone, Copy, Default)]
struct Statistics {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Statistics {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let difference = value - self.mean;
        self.mean += difference / self.count;
        self.squares += difference * (value - self.mean);
    }

    fn variance_of_mean(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(times: impl Iterator<Item = (bool, u64)>) -> TTest {
        let mut test = TTest::new();
        times.for_each(|(is_fixed, time)| test.add(is_fixed, Duration::from_nanos(time)));
        test
    }

    #[test]
    fn the_statistic_is_welchs() {
        // After the warm-up: 1, 2, 3, 4 against 3, 5, 7, of means 2.5 and 5, variances 5/3 and 4.
        let warm_up = (0..WARM_UP).map(|i| (i % 2 == 0, 10));
        let samples = [(false, 1), (false, 2), (false, 3), (false, 4), (true, 3), (true, 5), (true, 7)];
        let expected = 2.5 / (5.0 / 12.0 + 4.0 / 3.0_f64).sqrt();
        for t in test(warm_up.chain(samples)).values() {
            assert!((t - expected).abs() < 1e-12, "{t} for {expected}");
        }
    }

    #[test]
    fn slow_times_are_cut_off_but_for_the_first_value() {
        let warm_up = (0..WARM_UP).map(|i| (i % 2 == 0, 10 + i as u64 % 4));
        let samples = (0..1_000).map(|i| (i % 2 == 0, if i % 2 == 0 { 1_000 + i } else { 10 + i % 4 }));
        let values: Vec<f64> = test(warm_up.chain(samples)).values().collect();
        assert!(values[0] > 10.0, "{values:?}");
        assert!(values[1..].iter().all(|t| *t < 1e-12), "{values:?}");
    }
}
