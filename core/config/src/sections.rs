//! Every key there is: name, type, default, bounds, doc. To add one, add a line here and use it.
//!
//! Numbers of what is held in memory are `usize`; bytes of streams and files, and times, are `u64`. Units come last in a name.

use std::net::{Ipv4Addr, SocketAddr};

use plugpoint_sdk::xml::XmlLimits;

use crate::declare::{Section, bounds, section};
use crate::setting::{Bucket, DatabaseUrl, Folder, LogFilter, PublicUrl, SchemaPrefix, words};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const GIB: u64 = 1 << 30;
const DAY_S: u64 = 24 * 60 * 60;

/// The whole configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// `[server]`
    pub server: ServerSection,
    /// `[database]`
    pub database: DatabaseSection,
    /// `[limits]`
    pub limits: LimitsSection,
    /// `[imports]`
    pub imports: ImportsSection,
    /// `[cluster]`
    pub cluster: ClusterSection,
    /// `[tasks]`
    pub tasks: TasksSection,
    /// `[customers]`
    pub customers: CustomersSection,
    /// `[hooks]`
    pub hooks: HooksSection,
    /// `[auth]`
    pub auth: AuthSection,
    /// `[cache]`
    pub cache: CacheSection,
    /// `[log]`
    pub log: LogSection,
}

impl Config {
    pub(crate) fn sections(&self) -> [&dyn Section; 11] {
        [
            &self.server,
            &self.database,
            &self.limits,
            &self.imports,
            &self.cluster,
            &self.tasks,
            &self.customers,
            &self.hooks,
            &self.auth,
            &self.cache,
            &self.log,
        ]
    }

    pub(crate) fn sections_mut(&mut self) -> [&mut dyn Section; 11] {
        [
            &mut self.server,
            &mut self.database,
            &mut self.limits,
            &mut self.imports,
            &mut self.cluster,
            &mut self.tasks,
            &mut self.customers,
            &mut self.hooks,
            &mut self.auth,
            &mut self.cache,
            &mut self.log,
        ]
    }
}

section! {
    /// Where the server listens and how it stops.
    ServerSection "server" {
        /// Address and port; port 0 takes a free one.
        listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8700));
        /// How clients reach the server from outside, as in https://catalog.example.com; taken from the request when not set.
        public_url: Option<PublicUrl> = None;
        /// How long running requests and imports may take to end after the signal to stop.
        shutdown_grace_s: u64 = 30, 0..=3600;
    }
}

section! {
    /// Where tenants, credentials and catalogs are kept.
    DatabaseSection "database" {
        /// A PostgreSQL database, `postgres://user:password@host:5432/database?sslmode=require`; without it they are SQLite files in the data folder. Several servers may share one. Best given by the environment: it holds a password.
        url: Option<DatabaseUrl> = None;
        /// What the names of the platform's schemas begin with: one for tenants and credentials, one for nonces, one for each tenant.
        schema_prefix: SchemaPrefix = SchemaPrefix::PLUGPOINT;
        /// Connections to PostgreSQL of one server, over all tenants; up to four more listen, say which tenants are open and tell other servers of this one.
        connections_max: usize = 16, 2..=1000;
        /// How long a request waits for a connection, and again for another writer of the same tenant, until it gets 503.
        wait_ms: u64 = 5000, 10..=60_000;
        /// Who brings tenants' databases up to the structure of this release: each is, when it is first used (`open`), or `plugpoint migrate` does it (`command`), and until then those of the release before are served as they are, and older ones are answered with 503 `schema_version`.
        migrate: MigrateAt = MigrateAt::Open;
    }
}

section! {
    /// What one connection, request, document or record may cost. Whatever is beyond is refused, never cut.
    LimitsSection "limits" {
        /// Connections open at once.
        connections_max: usize = 4096, 1..=1_000_000;
        /// A request's line and headers together.
        request_head_bytes_max: usize = 32 * KIB, 8192..=1_048_576;
        /// How long a request's line and headers may take to arrive.
        request_head_timeout_s: u64 = 30, 1..=3600;
        /// A request's path and query.
        url_bytes_max: usize = 8 * KIB, 256..=65_536;
        /// A request's query.
        query_bytes_max: usize = 4 * KIB, 64..=65_536;
        /// A catalog document, as received.
        import_body_bytes_max: u64 = 16 * GIB, 1024..=1_099_511_627_776;
        /// By how much a packed body (`Content-Encoding: gzip` or `deflate`) may grow, beyond the first MiB that it unpacks to; each further member of gzip counts as 16 KiB. What it unpacks to is held to the limits of bodies, as what it is packed in.
        unpack_ratio_max: u64 = 200, 1..=2000;
        /// Members of a packed body, which gzip lets follow one another.
        gzip_members_max: u64 = 1_000_000, 1..=1_000_000_000;
        /// A JSON body that is not a catalog document, such as one item.
        json_body_bytes_max: u64 = MIB as u64, 1024..=67_108_864;
        /// How long a body may bring nothing.
        body_idle_timeout_s: u64 = 30, 1..=3600;
        /// How long a body may take to arrive as a whole.
        body_total_timeout_s: u64 = DAY_S, 1..=604_800;
        /// How much of a body is still read, and thrown away, after a request was refused: only then an ordinary client, which sends everything before it reads, sees the answer and not a broken connection.
        unread_body_bytes_max: u64 = 64 * MIB as u64, 0..=1_099_511_627_776;
        /// How long such a body is still read.
        unread_body_timeout_s: u64 = 10, 0..=3600;
        /// Documents that are received at once, from all tenants.
        receives_max: usize = 64, 1..=10_000;
        /// Documents that are received at once from one tenant.
        receives_per_tenant_max: usize = 8, 1..=10_000;
        /// Exports that run at once.
        exports_max: usize = 8, 1..=1024;
        /// Exports of one tenant that run at once.
        exports_per_tenant_max: usize = 2, 1..=1024;
        /// How long the client of an export may take nothing.
        export_idle_timeout_s: u64 = 30, 1..=3600;
        /// How long an export may take as a whole: as long, what imports write stays in the database's log.
        export_total_timeout_s: u64 = 3600, 1..=604_800;
        /// How long a caller may wait for its import (`Prefer: wait`, `waitSeconds`).
        wait_s_max: u64 = 300, 0..=3600;
        /// The Header of a SOAP envelope.
        soap_header_bytes_max: usize = 64 * KIB, 1024..=1_048_576;
        /// A SOAP envelope without the document or the items that it carries.
        soap_envelope_bytes_max: usize = MIB, 4096..=67_108_864;
        /// The operation of a call to a facade, as it is kept in memory: its text, and its tree with all references resolved.
        facade_call_bytes_max: usize = 8 * MIB, 4096..=268_435_456;
        /// Sessions that the facades of one tenant keep. A further login ends the one that was idle for the longest time.
        facade_sessions_max: usize = 1000, 1..=1_000_000;
        /// How long a session may be idle.
        facade_session_idle_s: u64 = 3600, 1..=604_800;
        /// Elements within each other.
        xml_depth_max: usize = 128, 16..=1024;
        /// Attributes of one element.
        xml_attributes_max: usize = 256, 16..=65_536;
        /// Namespaces that are declared at one place of a document.
        xml_namespaces_max: usize = 256, 16..=65_536;
        /// One element's text, or one start tag with all its attributes.
        xml_text_bytes_max: usize = MIB, 1024..=67_108_864;
        /// One element's or attribute's name.
        xml_name_bytes_max: usize = 256, 64..=4096;
        /// A document type declaration, which is skipped unread.
        doctype_bytes_max: usize = MIB, 0..=67_108_864;
        /// One record of a document.
        record_bytes_max: usize = 16 * MIB, 4096..=268_435_456;
        /// Groups of a document's catalog tree, which are kept in memory until it ends.
        catalog_groups_max: usize = 200_000, 0..=10_000_000;
        /// Findings kept of one import; further ones are counted only.
        findings_kept_max: u64 = 100_000, 0..=10_000_000;
        /// Entries on a page of a listing.
        page_items_max: usize = 1000, 1..=10_000;
    }
}

impl LimitsSection {
    /// The bounds of every XML document, as its readers want them.
    #[must_use]
    pub fn xml(&self) -> XmlLimits {
        XmlLimits {
            depth_max: self.xml_depth_max,
            attributes_max: self.xml_attributes_max,
            namespaces_max: self.xml_namespaces_max,
            name_bytes_max: self.xml_name_bytes_max,
            text_bytes_max: self.xml_text_bytes_max,
            record_bytes_max: self.record_bytes_max,
            doctype_bytes_max: self.doctype_bytes_max,
        }
    }
}

section! {
    /// How imports run.
    ImportsSection "imports" {
        /// Imports that run at once.
        workers: usize = 2, 1..=256;
        /// Imports of over a second beside which another may run, so that short ones do not wait for long ones. Each takes some 40 MiB.
        long_max: usize = 16, 0..=256;
        /// Items that are written to the storage together.
        batch_items: usize = 512, 1..=10_000;
        /// Imports that wait at once; further documents are refused with 503.
        queue_max: usize = 10_000, 1..=1_000_000;
        /// How often an import is tried that fails for a reason of ours.
        retry_attempts: u32 = 5, 1..=100;
        /// The pause before the second try; it doubles with every further one.
        retry_base_ms: u64 = 500, 1..=60_000;
        /// Space kept free on the spool's disk, at most a tenth of it; a document that needs it is refused with 507.
        spool_reserve_bytes: u64 = 256 * MIB as u64, 0..=1_099_511_627_776;
        /// The folder of documents; `spool` below the data folder when not set. Servers on one `database.url` that name one folder here share their imports: each document is imported once, by whichever server has its tenant's lease.
        spool_dir: Option<Folder> = None;
        /// The bucket of documents, `s3://NAME/PREFIX`, of an object store that speaks S3: how servers on one `database.url` share their imports without a folder in common. A document is acknowledged when it is in the bucket; the folder is each server's own then. Credentials and region come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or from the machine's role.
        bucket: Option<Bucket> = None;
        /// Where the object store is, if it is not Amazon's: `https://host:port`.
        bucket_endpoint: Option<PublicUrl> = None;
        /// What an import is expected to add to the disk beside its document, in percent of it: the growth of the database, and of its log. A document is refused with 507, before its body is read, if it and this do not fit beside all documents that are arriving or waiting for their import; 0 looks at documents alone.
        growth_percent: u32 = 300, 0..=10_000;
    }
}

section! {
    /// How several servers on one PostgreSQL database share their work.
    ClusterSection "cluster" {
        /// How long a server may be unheard of until others take over the imports that it has begun or has waiting. It says three times as often that it is there.
        lease_ms: u64 = 10_000, 1000..=600_000;
    }
}

section! {
    /// What is done in the background: runs of tasks.
    TasksSection "tasks" {
        /// Threads of one server that do runs; 0 leaves them to other servers.
        threads: usize = 4, 0..=256;
        /// Runs of one tenant that run at once, in all servers.
        tenant_running_max: u32 = 4, 1..=1000;
        /// How long a server may be unheard of until others do what it had begun. It says three times as often that it is there.
        lease_ms: u64 = 5000, 1000..=600_000;
        /// How long a run that is to end may take to do so, until its thread is left behind.
        patience_ms: u64 = 10_000, 100..=600_000;
        /// How long runs are kept that have ended.
        history_days: u32 = 30, 0..=36_500;
        /// How many of them.
        history_runs_max: u64 = 100_000, 0..=100_000_000;
        /// How many bytes of what they were given, gave back and failed for.
        history_bytes_max: u64 = GIB, 0..=1_099_511_627_776;
    }
}

section! {
    /// Customer crates that are loaded as libraries when the server starts.
    CustomersSection "customers" {
        /// The folder of `NAME-VERSION.so`; `customers` below the data folder when not set. Of several versions the highest is loaded.
        dir: Option<Folder> = None;
        /// What a library that cannot be loaded does to the start: `stop` ends it, `skip` goes on without that customer, whose tenants are answered `customer_unknown`.
        on_refusal: OnRefusal = OnRefusal::Stop;
    }
}

section! {
    /// What customers' hooks may take. How long a call may bring nothing is each extension point's own rule.
    HooksSection "hooks" {
        /// The time budgets of all extension points, in percent of what each declares.
        budget_percent: u32 = 100, 1..=10_000;
        /// How long a hook may bring nothing before its thread gets the lowest priority and another import may run beside it.
        slow_after_ms: u64 = 250, 10..=60_000;
        /// Threads of one tenant that may be left behind by hooks that never returned: so many each by its imports, its presenters, its verifiers and its facades. Then none of these is called.
        left_behind_max: usize = 2, 1..=64;
    }
}

section! {
    /// How credentials are checked.
    AuthSection "auth" {
        /// How long a verified credential is believed without checking its hash again; a changed key ends it at once.
        cache_ttl_s: u64 = 60, 0..=3600;
        /// Verified credentials that are kept.
        cache_entries_max: u64 = 10_000, 0..=10_000_000;
        /// How long a browser stays logged in to the console.
        session_hours: u32 = 8, 1..=168;
        /// By how much the clock of a SOAP sender may be ahead of ours, and how late a Timestamp that has expired may come.
        clock_skew_s: u64 = 300, 0..=3600;
        /// How old the `Created` of a UsernameToken may be, and of a Timestamp without `Expires`. As long the nonces of password digests are remembered.
        token_age_s_max: u64 = 300, 10..=3600;
        /// Nonces of password digests that are remembered of one credential; with more within `token_age_s_max` it has to wait.
        nonces_per_credential_max: u64 = 100_000, 100..=10_000_000;
    }
}

section! {
    /// What is kept in memory to answer faster.
    CacheSection "cache" {
        /// Items that were read lately; 0 keeps none.
        item_bytes_max: u64 = 64 * MIB as u64, 0..=68_719_476_736;
    }
}

section! {
    /// What the server says about itself, on standard error.
    LogSection "log" {
        /// `text` for people, `json` for machines.
        format: LogFormat = LogFormat::Text;
        /// `error`, `warn`, `info`, `debug` or `trace`; for parts of the program, as in `info,plugpoint_store=debug`. At `info` every request that changes or is refused has a line; reads that succeed have theirs at `debug`, for they are the many, and are counted in `/metrics`.
        level: LogFilter = LogFilter::INFO;
    }
}

words! {
    /// What a library that cannot be loaded does to the start.
    OnRefusal {
        /// The server does not start.
        Stop = "stop",
        /// The server starts without that customer.
        Skip = "skip",
    }
}

words! {
    /// Who brings tenants' databases up to date.
    MigrateAt {
        /// Whoever opens one.
        Open = "open",
        /// `plugpoint migrate`.
        Command = "command",
    }
}

words! {
    /// How log lines are written.
    LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}
