//! `bench fleet`: a customer's three steps (a column with backfill, an index, a table rebuilt) brought to many tenants, one after the
//! other and side by side, some of which must fail; then the cause is removed, and the command is killed again and again.
//!
//! Files always, schemas of a server where `.ci/postgres` has started one. Every tenant has 3,550 rows of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::hostile::library;
use super::postgres::Psql;
use super::process;
use super::product::{Database, Product};
use super::{http, median};
use crate::{Outcome, workspace};

/// Rows of the customer's three tables.
const ROWS: [u32; 3] = [1_000, 1_500, 1_050];

/// The customer: what it brings, and nothing else.
const SOURCE: &str = "plugpoint_sdk::customer! { name: \"fleet\", register: |_: &mut plugpoint_sdk::registry::Registrar| (), profile: \"\", updates: include_str!(\"updates.sql\") }\n";

const STATE: &str = include_str!("fleet_state.py");

/// How much to measure.
pub(crate) struct Plan {
    pub(crate) tenants: u32,
    pub(crate) schemas: u32,
    pub(crate) jobs: u32,
    pub(crate) rounds: u32,
    pub(crate) kills: u32,
}

/// Runs both fleets and prints what they took.
pub(crate) fn run(plan: &Plan, binary: Option<&Path>) -> Outcome {
    let folder = workspace::metadata()?.target_directory.join("bench");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let library = library(&folder, "fleet", &[("lib.rs", SOURCE), ("updates.sql", &updates())])?;
    let product = Product::build(&folder, binary)?;
    Fleet::new(plan, "files", plan.tenants, product.on_files(), None, &folder, &library)?.run()?;
    let Ok(url) = std::env::var("PLUGPOINT_TEST_POSTGRES") else {
        println!("no schemas: PLUGPOINT_TEST_FSYNC=on .ci/postgres cargo xtask bench fleet");
        return Ok(());
    };
    // A database of its own, which is laid anew from a copy.
    let of_fleet = |name: &str| url.replacen("/postgres?", &format!("/{name}?"), 1);
    let product = product.on(Database { url: of_fleet("fleet"), schema_prefix: "fleet".to_owned() });
    let server = Server { rows: folder.join("rows"), url: url.clone(), fleet: of_fleet("fleet") };
    fs::create_dir_all(&server.rows).map_err(|error| format!("{}: {error}", server.rows.display()))?;
    server.ask("DROP DATABASE IF EXISTS fleet;\nDROP DATABASE IF EXISTS fleet_base;\nCREATE DATABASE fleet;\n")?;
    Fleet::new(plan, "schemas", plan.schemas, product, Some(server), &folder, &library)?.run()
}

/// The steps: `rows` is done before anything is measured. The last one fails where an item is called BROKEN.
fn updates() -> String {
    let [contacts, activities, orders] = ROWS;
    let numbers = |rows: u32| {
        format!("WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {rows}) INSERT INTO")
    };
    format!(
        "-- step: rows
CREATE TABLE x_fleet_contacts (id BIGINT PRIMARY KEY, email TEXT NOT NULL, name TEXT, country TEXT);
CREATE TABLE x_fleet_activities (id BIGINT PRIMARY KEY, contact BIGINT NOT NULL, kind TEXT NOT NULL, at BIGINT NOT NULL, payload TEXT);
CREATE TABLE x_fleet_orders (id BIGINT PRIMARY KEY, contact BIGINT NOT NULL, total TEXT NOT NULL, state TEXT NOT NULL);
{} x_fleet_contacts SELECT n, 'User' || n || '@Example.ORG', 'Name ' || n % 900, 'DE' FROM up;
{} x_fleet_activities SELECT n, n * 7919 % 1000 + 1, 'click', 1700000000 + n * 104729 % 10000000, '{{\"u\":\"https://shop.example/' || n || '\"}}' FROM up;
{} x_fleet_orders SELECT n, n * 7919 % 1000 + 1, '' || n * 7 % 90000, 'paid' FROM up;
-- step: column
ALTER TABLE x_fleet_contacts ADD COLUMN email_norm TEXT;
UPDATE x_fleet_contacts SET email_norm = lower(email);
-- step: index
CREATE INDEX x_fleet_activities_at ON x_fleet_activities (contact, at);
-- step: rebuild
CREATE TABLE x_fleet_orders_new (id BIGINT PRIMARY KEY, contact BIGINT NOT NULL, cents BIGINT NOT NULL, state TEXT NOT NULL CHECK (state IN ('new', 'paid', 'sent')));
INSERT INTO x_fleet_orders_new SELECT id, contact, CAST(total AS BIGINT),
  CASE WHEN EXISTS (SELECT 1 FROM items WHERE sku = 'BROKEN') THEN 'broken' ELSE state END FROM x_fleet_orders;
DROP TABLE x_fleet_orders;
ALTER TABLE x_fleet_orders_new RENAME TO x_fleet_orders;
",
        numbers(contacts),
        numbers(activities),
        numbers(orders)
    )
}

/// A tenant as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
struct State {
    /// 0 nothing of the change, 1 all of it, -1 a part.
    has: i8,
    digest: String,
}

/// What the command told.
#[derive(Deserialize)]
struct Report {
    migrated: usize,
    failed: Vec<Failed>,
    left: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Failed {
    tenant: String,
}

/// What a run took.
struct Took {
    seconds: f64,
    /// Processor time of the command and, where there is one, of the server's sessions.
    cpu_s: f64,
    report: Report,
}

struct Fleet<'p> {
    plan: &'p Plan,
    name: &'static str,
    tenants: u32,
    product: Product,
    server: Option<Server>,
    data: PathBuf,
    folder: &'p Path,
    keys: Vec<String>,
}

impl<'p> Fleet<'p> {
    /// Creates the tenants, opens each once, and lays their rows.
    fn new(
        plan: &'p Plan,
        name: &'static str,
        tenants: u32,
        product: Product,
        server: Option<Server>,
        folder: &'p Path,
        library: &Path,
    ) -> Outcome<Self> {
        let data = product.with_customer("fleet", library)?;
        let create = |number: u32| product.tenant(&data, &format!("t{number:04}"), &["--customer", "fleet"]);
        let mut keys = vec![String::new(); tenants as usize];
        let share = keys.len().div_ceil(2).max(1);
        thread::scope(|scope| {
            let threads: Vec<_> = keys
                .chunks_mut(share)
                .zip([0, share])
                .map(|(keys, first)| {
                    scope.spawn(move || {
                        (first..).zip(keys).try_for_each(|(number, key)| {
                            *key = create(u32::try_from(number).unwrap_or_default())?;
                            Ok(())
                        })
                    })
                })
                .collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a thread broke".to_owned())))
        })?;
        let fleet = Self { plan, name, tenants, product, server, data, folder, keys };
        fleet.send("BROKEN", "GOOD")?;
        let laid = fleet.migrate(&["--to", "rows", "--jobs", "8"])?;
        if laid.report.migrated != tenants as usize {
            return Err(format!("rows were laid at {} of {tenants} tenants", laid.report.migrated));
        }
        fleet.keep()?;
        println!(
            "{name}: {tenants} tenants, {} rows of their own each, {} of them must fail",
            ROWS.iter().sum::<u32>(),
            fleet.failing()
        );
        Ok(fleet)
    }

    /// One percent, and one at least.
    fn failing(&self) -> usize {
        (self.tenants as usize / 100).max(1)
    }

    /// Which those are: spread over the fleet.
    fn fails(&self, number: usize) -> bool {
        let every = self.tenants as usize / self.failing();
        number % every == every / 2 && number / every < self.failing()
    }

    /// Imports one item into each tenant: one name for those that fail, another for the rest.
    fn send(&self, failing: &str, other: &str) -> Outcome {
        let running = self.product.serve_with(&self.data, &[("PLUGPOINT__DATABASE__MIGRATE", "command")])?;
        for (number, key) in self.keys.iter().enumerate() {
            let sku = if self.fails(number) { failing } else { other };
            let file = self.folder.join("one.ndjson");
            let item = format!("{{\"sku\":\"{sku}\",\"texts\":[{{\"lang\":\"en\",\"title\":\"one\"}}]}}\n");
            fs::write(&file, item).map_err(|error| format!("{}: {error}", file.display()))?;
            let headers = [key.clone(), "Content-Type: application/x-ndjson".to_owned(), "Prefer: wait=60".to_owned()];
            let answer = http::post_file(running.address, "/v1/catalogs/main/imports?mode=replace", &headers, &file)?;
            if answer.status != 200 || !answer.body.contains("\"succeeded\"") {
                return Err(format!("an import did not succeed: HTTP {}\n{}", answer.status, answer.body));
            }
        }
        // Nothing is left in a log that a copy of the files would lack.
        running.stop()
    }

    fn run(&self) -> Outcome {
        let before = self.states()?;
        let (mut ratios, mut floors) = (Vec::new(), Vec::new());
        let jobs = self.plan.jobs.to_string();
        for round in 1..=self.plan.rounds {
            self.lay()?;
            let one = self.changed(&before, &["--jobs", "1"])?;
            self.lay()?;
            let many = self.changed(&before, &["--jobs", &jobs])?;
            let floor = one.cpu_s / thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
            println!(
                "{} round {round}: one by one {:6.2} s (CPU {:.2} s), {jobs} jobs {:6.2} s (CPU {:.2} s): {:.2} times as fast; work/cores {floor:.2} s",
                self.name,
                one.seconds,
                one.cpu_s,
                many.seconds,
                many.cpu_s,
                one.seconds / many.seconds
            );
            ratios.push(one.seconds / many.seconds);
            floors.push(many.seconds / floor);
        }
        println!(
            "{}: {:.2} times as fast side by side, {:.2} times work/cores (medians)",
            self.name,
            median(&ratios),
            median(&floors)
        );
        self.resume(&before)?;
        self.kill(&before, &jobs)
    }

    /// Runs the command and holds what became of each tenant against what had to.
    fn changed(&self, before: &BTreeMap<String, State>, options: &[&str]) -> Outcome<Took> {
        let took = self.migrate(options)?;
        let (failed, now) = (took.report.failed.len(), self.states()?);
        if failed != self.failing() || !took.report.left.is_empty() {
            return Err(format!("{failed} tenants failed, {} were left", took.report.left.len()));
        }
        for (tenant, state) in &now {
            let must_fail = took.report.failed.iter().any(|it| it.tenant == *tenant);
            let is_right = if must_fail { Some(state) == before.get(tenant) } else { state.has == 1 };
            if !is_right {
                return Err(format!("{tenant} is {state:?}, and was {:?}", before.get(tenant)));
            }
        }
        Ok(took)
    }

    /// The cause is removed; what had failed is done, and nothing else.
    fn resume(&self, before: &BTreeMap<String, State>) -> Outcome {
        self.send("MENDED", "GOOD")?;
        let took = self.migrate(&["--jobs", "8"])?;
        let whole = self.states()?.values().filter(|state| state.has == 1).count();
        if (took.report.migrated, whole) != (self.failing(), before.len()) {
            return Err(format!("{} were done, {whole} of {} are whole", took.report.migrated, before.len()));
        }
        println!(
            "{}: after the cause was removed, {} tenants were done in {:.2} s",
            self.name,
            self.failing(),
            took.seconds
        );
        Ok(())
    }

    /// The command, killed at moments all over its work, then run to its end.
    fn kill(&self, before: &BTreeMap<String, State>, jobs: &str) -> Outcome {
        self.lay()?;
        let whole = self.changed(before, &["--jobs", jobs])?.seconds;
        // Again, with nothing to do but what fails: what it takes before the first tenant is begun.
        let idle = self.migrate(&["--jobs", jobs])?.seconds;
        self.lay()?;
        let (mut done, mut between) = (Vec::new(), 0);
        for number in 0..self.plan.kills {
            let mut child = self.start(&["--jobs", jobs])?;
            // Somewhere from before the first tenant to a few hundredths of the work behind that: all over the fleet, in the end.
            let share = f64::from(number * 7919 % 100) / 100.0;
            thread::sleep(Duration::from_secs_f64(idle * 0.8 + share * (whole - idle).max(0.0) / 6.0));
            child.kill().map_err(|error| format!("kill: {error}"))?;
            child.wait().map_err(|error| format!("kill: {error}"))?;
            let states = self.states()?;
            if let Some((tenant, state)) = states.iter().find(|(_, state)| state.has < 0) {
                return Err(format!("after kill {number} {tenant} has a part of the change: {state:?}"));
            }
            let has = states.values().filter(|state| state.has == 1).count();
            between += usize::from(has > 0 && has + self.failing() < states.len());
            done.push(has);
        }
        let last = self.changed_rest()?;
        println!(
            "{}: {} kills, {between} of them with the fleet between both, no tenant with a part; done after every fifth: {:?}; then {last} more",
            self.name,
            self.plan.kills,
            done.iter().step_by(5).collect::<Vec<_>>()
        );
        Ok(())
    }

    fn changed_rest(&self) -> Outcome<usize> {
        let took = self.migrate(&["--jobs", "8"])?;
        let whole = self.states()?.values().filter(|state| state.has == 1).count();
        match whole + self.failing() == self.tenants as usize {
            true => Ok(took.report.migrated),
            false => Err(format!("{whole} tenants are whole in the end")),
        }
    }

    fn start(&self, options: &[&str]) -> Outcome<Child> {
        let mut command = self.product.command();
        command.args(["migrate", "--json", "--stop-at", "100", "--data-dir"]).arg(&self.data).args(options);
        command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::piped());
        command.spawn().map_err(|error| format!("plugpoint migrate: {error}"))
    }

    fn migrate(&self, options: &[&str]) -> Outcome<Took> {
        let of_server = || self.server.as_ref().map_or(Ok(0.0), Server::cpu_s);
        let before = of_server()?;
        let begun = Instant::now();
        let child = self.start(options)?;
        let mut meter = process::Meter::of(child.id());
        let reading = thread::spawn(move || child.wait_with_output());
        while !reading.is_finished() {
            meter.look();
            thread::sleep(Duration::from_millis(1));
        }
        let seconds = begun.elapsed().as_secs_f64();
        let output = reading.join().map_err(|_| "a thread broke".to_owned())?;
        let output = output.map_err(|error| format!("plugpoint migrate: {error}"))?;
        let report = serde_json::from_slice(&output.stdout);
        let report = report
            .map_err(|error| format!("plugpoint migrate: {error}: {}", String::from_utf8_lossy(&output.stdout)))?;
        Ok(Took { seconds, cpu_s: meter.cpu_s() + of_server()? - before, report })
    }

    /// Keeps the fleet as it is.
    fn keep(&self) -> Outcome {
        match &self.server {
            None => copied(&self.data, &self.kept()),
            Some(server) => server.ask("CREATE DATABASE fleet_base TEMPLATE fleet;\n").map(drop),
        }
    }

    /// Lays the fleet as it was kept.
    fn lay(&self) -> Outcome {
        match &self.server {
            None => copied(&self.kept(), &self.data),
            Some(server) => server
                .ask("DROP DATABASE fleet WITH (FORCE);\nCREATE DATABASE fleet TEMPLATE fleet_base;\nCHECKPOINT;\n")
                .map(drop),
        }
    }

    fn kept(&self) -> PathBuf {
        self.folder.join("fleet-kept")
    }

    /// Every tenant as it stands.
    fn states(&self) -> Outcome<BTreeMap<String, State>> {
        let text = match &self.server {
            Some(server) => server.states()?,
            None => {
                let output = Command::new("python3").args(["-c", STATE]).arg(&self.data).output();
                let output = output.map_err(|error| format!("python3: {error}"))?;
                if !output.status.success() {
                    return Err(String::from_utf8_lossy(&output.stderr).into_owned());
                }
                String::from_utf8_lossy(&output.stdout).into_owned()
            }
        };
        let mut states = BTreeMap::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let mut words = line.split_whitespace();
            let (Some(tenant), Some(has), Some(digest)) = (words.next(), words.next(), words.next()) else {
                return Err(format!("not a tenant: {line}"));
            };
            let has = has.parse().map_err(|error| format!("{line}: {error}"))?;
            states.insert(tenant.to_owned(), State { has, digest: digest.to_owned() });
        }
        match states.len() == self.tenants as usize {
            true => Ok(states),
            false => Err(format!("{} of {} tenants are there", states.len(), self.tenants)),
        }
    }
}

/// The server that has the schemas.
struct Server {
    rows: PathBuf,
    url: String,
    fleet: String,
}

impl Server {
    fn ask(&self, script: &str) -> Outcome<String> {
        Psql { url: &self.url, rows: &self.rows }.run(script)
    }

    /// Processor time of all sessions that have ended: the server's first process has waited for them.
    fn cpu_s(&self) -> Outcome<f64> {
        let id = self.ask("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1);\n")?;
        let id = id.trim().parse().map_err(|error| format!("postmaster.pid: {id}: {error}"))?;
        Ok(process::with_children_s(id))
    }

    /// As `fleet_state.py` says it of files.
    fn states(&self) -> Outcome<String> {
        let psql = Psql { url: &self.fleet, rows: &self.rows };
        let schemas =
            psql.run("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'fleet_t_') ORDER BY 1;\n")?;
        let mut script = String::new();
        for schema in schemas.lines().filter(|line| !line.is_empty()) {
            let tenant = schema.trim_start_matches("fleet_t_");
            // Whole rows as text: a column that is there or not changes the digest.
            let _ = write!(
                script,
                "SET search_path TO \"{schema}\";
SELECT '{tenant} ' || CASE
  WHEN c = 1 AND i = 1 AND o = 1 AND n = 0 AND d = 4 THEN '1' WHEN c = 0 AND i = 0 AND o = 0 AND n = 0 AND d = 1 THEN '0' ELSE '-1' END
  || ' ' || md5(concat_ws('/', (SELECT string_agg(x::text, '' ORDER BY id) FROM x_fleet_contacts x),
    (SELECT string_agg(x::text, '' ORDER BY id) FROM x_fleet_activities x), (SELECT string_agg(x::text, '' ORDER BY id) FROM x_fleet_orders x),
    (SELECT string_agg(x::text, '' ORDER BY sku) FROM items x), (SELECT string_agg(x::text, '' ORDER BY owner, tag) FROM steps_done x)))
FROM (SELECT
  (SELECT count(*) FROM pg_attribute WHERE attrelid = 'x_fleet_contacts'::regclass AND attname = 'email_norm') AS c,
  (SELECT count(*) FROM pg_class WHERE oid = to_regclass('x_fleet_activities_at')) AS i,
  (SELECT count(*) FROM pg_attribute WHERE attrelid = 'x_fleet_orders'::regclass AND attname = 'cents') AS o,
  (SELECT count(*) FROM pg_class WHERE oid = to_regclass('x_fleet_orders_new')) AS n,
  (SELECT count(*) FROM steps_done WHERE owner = 'fleet') AS d) it;
"
            );
        }
        psql.run(&script)
    }
}

/// Copies a folder over another, which is removed first.
fn copied(from: &Path, to: &Path) -> Outcome {
    if to.exists() {
        fs::remove_dir_all(to).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    for mut command in [Command::new("cp"), Command::new("sync")] {
        if command.get_program() == "cp" {
            command.arg("--archive").args([from, to]);
        }
        match command.status() {
            Ok(status) if status.success() => {}
            Ok(status) => return Err(format!("cp {}: {status}", from.display())),
            Err(error) => return Err(format!("cp: {error}")),
        }
    }
    Ok(())
}
