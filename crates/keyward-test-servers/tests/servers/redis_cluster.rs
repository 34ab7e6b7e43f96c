//! The cluster is whole when it says so, and after a kill.

use std::path::{Path, PathBuf};
use std::process::Command;

use keyward_test_servers::{Access, Durability, RedisCluster, or_skip};

use crate::client;

/// A cluster and a client.
fn start(access: Access) -> Option<(RedisCluster, PathBuf)> {
    let redis_cli = or_skip(client::find("redis-cli"))?;
    Some((or_skip(RedisCluster::start(Durability::Synced, access))?, redis_cli))
}

/// The URL of each node alone.
fn nodes(cluster: &RedisCluster) -> Vec<String> {
    let url = cluster.url();
    let rest = url.strip_prefix("redis+cluster://").expect("the scheme");
    let (user_info, hosts) =
        rest.rsplit_once('@').map_or(("", rest), |(_, hosts)| (&rest[..=rest.len() - hosts.len() - 1], hosts));
    hosts.split(',').map(|host| format!("redis://{user_info}{host}")).collect()
}

/// Follows redirections to the other nodes.
fn redis_cli(program: &Path, url: &str) -> Command {
    let mut redis_cli = Command::new(program);
    redis_cli.args(["--raw", "--no-auth-warning", "-c", "-u", url]);
    redis_cli
}

/// What the nodes answer, wherever the client had to go for it.
fn ask(program: &Path, url: &str, text: &str) -> String {
    let answers = client::ask(redis_cli(program, url), text);
    answers.lines().filter(|line| !line.starts_with("-> Redirected")).map(|line| format!("{line}\n")).collect()
}

/// Keys whose slots are on all three nodes (12182, 5061 and 866).
const KEYS: [&str; 3] = ["foo", "bar", "hello"];

#[test]
fn a_cluster_has_all_slots_and_its_data_after_a_kill() {
    for access in [Access::Password, Access::Open] {
        let Some((mut cluster, program)) = start(access) else { return };
        let url = cluster.url();
        let nodes = nodes(&cluster);
        assert_eq!(nodes.len(), 3);
        assert_eq!(url.contains('@'), access == Access::Password);
        for (key, node) in KEYS.iter().zip(&nodes) {
            assert_eq!(ask(&program, node, &format!("SET {key} {key}\n")), "OK\n");
        }

        let pids = cluster.pids();
        cluster.kill().expect("killed");
        assert_eq!(cluster.pids(), [None; 3]);
        cluster.restart().expect("whole again");
        assert_eq!(cluster.url(), url);
        assert!(cluster.pids().iter().zip(&pids).all(|(new, old)| new.is_some() && new != old));
        for node in &nodes {
            let info = ask(&program, node, "CLUSTER INFO\n");
            assert!(info.contains("cluster_state:ok") && info.contains("cluster_size:3"), "{info}");
            for key in KEYS {
                assert_eq!(ask(&program, node, &format!("GET {key}\n")), format!("{key}\n"));
            }
        }
    }
}

#[test]
fn one_node_can_die_and_come_back() {
    let Some((mut cluster, program)) = start(Access::Password) else { return };
    let nodes = nodes(&cluster);
    let [first, _, third] = cluster.pids();
    cluster.kill_node(1).expect("killed");
    assert_eq!(cluster.pids(), [first, None, third]);
    cluster.restart().expect("whole again");
    assert!(cluster.pids()[1].is_some());
    assert_eq!([cluster.pids()[0], cluster.pids()[2]], [first, third]);
    assert_eq!(ask(&program, &nodes[0], "SET foo 1\nSET bar 2\nSET hello 3\n"), "OK\nOK\nOK\n");

    cluster.stop().expect("stopped");
    cluster.restart().expect("whole again");
    assert_eq!(ask(&program, &nodes[1], "GET foo\nGET bar\nGET hello\n"), "1\n2\n3\n");
}
