use std::env;
use std::ffi::OsString;
use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use keyward_lighter::{
    Config, Days, PregenerateError, Pregenerated, SlotPlan, SysRng, TimeSlot, TokenSigner, TokensFile, pregenerate,
    total_tokens,
};

use super::Now;
use crate::failure::{Failure, tell};
use crate::input::read_secret_file;
use crate::secret_file::{Existing, SecretFile};
use crate::utc::Shown;

/// Sign the tokens of the coming days for every account of a config
///
/// Each token covers a 6-hour slot and is valid for 8 hours from the slot's start, so that
/// neighbours overlap by 2 hours. The first slot is the current one. The file is what
/// `keyward lighter token` reads: account index -> start of slot -> token.
#[derive(Debug, Args)]
#[command(after_help = "\
The number of days is that of --days, else of DURATION_IN_DAYS in the config, else of the environment variable \
NUM_DAYS, else of NUM_DAYS in the config, else 28. It is a whole number from 1 to 3650; a bad value in any of these \
places is an error, even where another one decides.

The output has mode 0600 and is replaced atomically: on any failure the old file stays as it is.

Example:
  keyward lighter generate config.json --days 28 --output auth-tokens.json")]
pub(super) struct Generate {
    /// The accounts and their private keys
    #[arg(value_name = "CONFIG", default_value = "config.json")]
    config: PathBuf,
    /// Where the tokens go
    #[arg(long, value_name = "FILE", default_value = "auth-tokens.json")]
    output: PathBuf,
    /// For how many days from now
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    days: Option<Days>,
    #[command(flatten)]
    now: Now,
    /// Sign on so many threads, at most 256; as many as there are processors if not given
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Take 0 or fewer days too, which gives every account an empty object
    #[arg(long)]
    allow_empty: bool,
    /// Leave out accounts with bad entries instead of writing nothing; the exit code is still 1
    #[arg(long)]
    keep_going: bool,
}

const NO_DAYS: &str = "must be at least 1 day, or --allow-empty be given";

impl Generate {
    pub(super) fn run(self) -> Result<(), Failure> {
        let start = Instant::now();
        self.check_arguments()?;
        let (config, bad_accounts) = self.read_config()?;
        let days = self.resolve_days(&config, env::var_os("NUM_DAYS"))?;
        let first = TimeSlot::containing(self.now.get());
        let plan = SlotPlan::for_days(first, days.as_u16().into())
            .map_err(|_| Failure::of("--now", "there is no time left for so many days of slots"))?;
        for bad_account in &bad_accounts {
            tell("error", format_args!("{}: {bad_account}", self.config.display()));
        }
        if config.signers().is_empty() {
            return Err(Failure::of(self.config.display(), "no account is left, nothing is written"));
        }
        let done = self.write_tokens(config.signers(), plan)?;
        tell(self.output.display(), summary(done, plan, start));
        if bad_accounts.is_empty() { Ok(()) } else { Err(Failure::Silent) }
    }

    fn check_arguments(&self) -> Result<(), Failure> {
        if !self.allow_empty && self.days.is_some_and(Days::is_zero) {
            return Err(Failure::Usage(format!("--days: {NO_DAYS}")));
        }
        // Writing the tokens over the config would lose the keys.
        let config = fs::canonicalize(&self.config);
        if config.is_ok_and(|config| fs::canonicalize(&self.output).is_ok_and(|output| output == config)) {
            return Err(Failure::Usage(format!("--output {}: is the config", self.output.display())));
        }
        Ok(())
    }

    fn read_config(&self) -> Result<(Config, Vec<keyward_lighter::ConfigError>), Failure> {
        let text = read_secret_file(&self.config, Config::MAX_BYTES as u64)?;
        let parsed = if self.keep_going {
            Config::parse_keeping_good(&text)
        } else {
            Config::parse(&text).map(|config| (config, Vec::new()))
        };
        parsed.map_err(|error| Failure::of(self.config.display(), error))
    }

    /// The first of the four sources that is present decides, but all of them must be good.
    fn resolve_days(&self, config: &Config, variable: Option<OsString>) -> Result<Days, Failure> {
        let variable = match variable {
            // As the original script has it.
            Some(value) if !value.is_empty() => {
                let days = value.to_string_lossy().parse();
                Some(days.map_err(|error| Failure::of("environment: NUM_DAYS", error))?)
            }
            _ => None,
        };
        let config_entry = |name| format!("{}: {name}", self.config.display());
        let sources = [
            ("--days".to_owned(), self.days),
            (config_entry("DURATION_IN_DAYS"), config.duration_in_days()),
            ("environment: NUM_DAYS".to_owned(), variable),
            (config_entry("NUM_DAYS"), config.num_days()),
        ];
        for (name, days) in &sources {
            if !self.allow_empty && days.is_some_and(Days::is_zero) {
                return Err(Failure::of(name, NO_DAYS));
            }
        }
        Ok(sources.into_iter().find_map(|(_, days)| days).unwrap_or(Days::DEFAULT))
    }

    fn write_tokens(&self, signers: &[TokenSigner], plan: SlotPlan) -> Result<Pregenerated, Failure> {
        let fail = |cause: &dyn std::fmt::Display| Failure::of(self.output.display(), cause);
        let (tokens, most) = (total_tokens(signers, plan), TokensFile::MAX_TOKENS);
        if tokens > most as u64 {
            return Err(fail(&format_args!("{tokens} tokens are more than a file may have, which is {most}")));
        }
        let jobs = self.jobs.or(thread::available_parallelism().ok()).unwrap_or(NonZero::<usize>::MIN);
        let mut file = SecretFile::create(&self.output, Existing::Replace).map_err(|error| fail(&error))?;
        let bar = progress_bar(tokens);
        let done = pregenerate(signers, plan, jobs, || SysRng, |done| bar.set_position(done), &mut file);
        bar.finish_and_clear();
        let done = done.map_err(|error| match error {
            PregenerateError::Random(error) => Failure::of("random numbers", error),
            PregenerateError::Write(error) => fail(&error),
            error => fail(&error),
        })?;
        file.commit().map_err(|error| fail(&error))?;
        Ok(done)
    }
}

/// A bar on standard error, invisible where that is no terminal.
fn progress_bar(tokens: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} tokens, {eta} left")
        .expect("the template is a constant");
    ProgressBar::new(tokens).with_style(style)
}

fn summary(done: Pregenerated, plan: SlotPlan, start: Instant) -> String {
    let Pregenerated { accounts, tokens } = done;
    let slots = match plan.last() {
        Some(last) => format!("slots {} to {}", Shown(plan.first().start()), Shown(last.start())),
        None => "no slots".to_owned(),
    };
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    format!(
        "{accounts} account{}, {tokens} token{}, {slots}, {:.2} s",
        plural(accounts as u64),
        plural(tokens),
        start.elapsed().as_secs_f64()
    )
}
