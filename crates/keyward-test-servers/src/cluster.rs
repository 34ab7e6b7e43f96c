//! A Redis cluster.

use std::thread;
use std::time::Instant;

use crate::address::{loopback, user_info};
use crate::redis::{Mode, Node, USER};
use crate::running::{LIMIT, LOOK};
use crate::{Access, Durability, ServerError};

/// The first slot of each node, and the end of the last.
const SLOTS: [u16; 4] = [0, 5_461, 10_923, 16_384];

/// A Redis cluster of three masters without replicas, which have all slots among them, on free ports of 127.0.0.1.
///
/// It ends when this value is dropped, and when the process that has this value ends.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: [Node; 3],
}

impl RedisCluster {
    /// Starts the nodes and makes a cluster of them; when this returns, each says that the cluster is whole and knows
    /// who has which slots.
    ///
    /// # Errors
    ///
    /// [`ServerError::Missing`] if this machine has no Redis server. Any other if it has one that does not come up.
    pub fn start(durability: Durability, access: Access) -> Result<Self, ServerError> {
        let password = access.password()?;
        let start = || Node::start(Mode::Cluster, durability, password.clone());
        let cluster = Self { nodes: [start()?, start()?, start()?] };
        cluster.join()?;
        cluster.await_whole()?;
        Ok(cluster)
    }

    /// `redis+cluster://127.0.0.1:PORT,127.0.0.1:PORT,127.0.0.1:PORT`, with `default:PASSWORD@` (percent-encoded, the same for
    /// all nodes) before the first if there is one; the same after a restart.
    pub fn url(&self) -> String {
        let [first, second, third] = self.nodes.each_ref().map(|node| loopback(node.port()));
        let user_info = self.nodes[0].password().map(|password| user_info(USER, password)).unwrap_or_default();
        format!("redis+cluster://{user_info}{first},{second},{third}")
    }

    /// The numbers of the nodes' processes; `None` for one that is down.
    pub fn pids(&self) -> [Option<u32>; 3] {
        self.nodes.each_ref().map(Node::pid)
    }

    /// Kills all nodes with SIGKILL, and waits until they are gone.
    ///
    /// # Errors
    ///
    /// [`ServerError::Late`] if one does not die.
    pub fn kill(&mut self) -> Result<(), ServerError> {
        self.nodes.iter_mut().try_for_each(Node::kill)
    }

    /// Kills one node, 0 to 2, with SIGKILL. Two seconds later the others notice, and refuse everything.
    ///
    /// # Errors
    ///
    /// [`ServerError::Late`] if it does not die.
    ///
    /// # Panics
    ///
    /// If there is no such node.
    pub fn kill_node(&mut self, node: usize) -> Result<(), ServerError> {
        self.nodes[node].kill()
    }

    /// Shuts all nodes down in order.
    ///
    /// # Errors
    ///
    /// [`ServerError::Late`] if one does not end; it is killed then.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        self.nodes.iter_mut().try_for_each(Node::stop)
    }

    /// Starts the nodes that are down again with the same data, password and ports; the cluster is whole when this
    /// returns.
    ///
    /// # Errors
    ///
    /// [`ServerError`] if it does not come up.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.nodes.iter_mut().filter(|node| node.pid().is_none()).try_for_each(Node::restart)?;
        self.await_whole()
    }

    /// Gives each node its slots and makes it known to the first.
    fn join(&self) -> Result<(), ServerError> {
        for (index, node) in self.nodes.iter().enumerate() {
            let slots: Vec<String> = (SLOTS[index]..SLOTS[index + 1]).map(|slot| slot.to_string()).collect();
            let command: Vec<&str> =
                ["CLUSTER", "ADDSLOTS"].into_iter().chain(slots.iter().map(String::as_str)).collect();
            node.call(&command)?;
            // Each its own from the start, so that they need not agree on that.
            node.call(&["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()])?;
            node.call(&["CLUSTER", "MEET", "127.0.0.1", &self.nodes[0].port().to_string()])?;
        }
        Ok(())
    }

    /// Waits until every node sees a whole cluster, and all the same one.
    fn await_whole(&self) -> Result<(), ServerError> {
        let start = Instant::now();
        loop {
            let views = self.nodes.iter().map(view).collect::<Result<Vec<_>, _>>()?;
            if views.iter().all(|view| view.is_some() && *view == views[0]) {
                return Ok(());
            }
            if start.elapsed() > LIMIT {
                let log =
                    self.nodes.iter().map(|node| node.call(&["CLUSTER", "NODES"])).collect::<Result<String, _>>()?;
                return Err(ServerError::Late { program: "the cluster", limit: LIMIT, log });
            }
            thread::sleep(LOOK);
        }
    }
}

/// Who has which slots as a node sees it; `None` while it does not see a whole cluster.
fn view(node: &Node) -> Result<Option<Vec<String>>, ServerError> {
    let info = node.call(&["CLUSTER", "INFO"])?;
    let is_whole = ["cluster_state:ok", "cluster_slots_ok:16384", "cluster_known_nodes:3"]
        .iter()
        .all(|wanted| info.lines().any(|line| line == *wanted));
    Ok(if is_whole { owners(&node.call(&["CLUSTER", "NODES"])?) } else { None })
}

/// The lines of `CLUSTER NODES` as `ID ADDRESS SLOTS` in order; `None` if a node is not connected to all others.
fn owners(nodes: &str) -> Option<Vec<String>> {
    // ID ADDRESS FLAGS MASTER PING PONG EPOCH LINK SLOTS...
    let mut owners = nodes
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [id, address, flags, _, _, _, _, link, slots @ ..] = fields.as_slice() else { return None };
            let is_well = *link == "connected" && flags.split(',').all(|flag| matches!(flag, "myself" | "master"));
            is_well.then(|| format!("{id} {address} {}", slots.join(" ")))
        })
        .collect::<Option<Vec<_>>>()?;
    owners.sort();
    Some(owners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_is_not_connected_is_no_whole_cluster() {
        let well =
            "b 127.0.0.1:2@12 master - 0 5 2 connected 5-9\na 127.0.0.1:1@11 myself,master - 0 0 1 connected 0-4\n";
        assert_eq!(owners(well).expect("whole"), ["a 127.0.0.1:1@11 0-4", "b 127.0.0.1:2@12 5-9"]);
        assert!(owners(&well.replacen("connected", "disconnected", 1)).is_none());
        assert!(owners(&well.replacen("master", "master,fail?", 1)).is_none());
        assert!(owners("a b\n").is_none());
    }
}
