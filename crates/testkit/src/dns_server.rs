//! A name server on a local UDP port, for tests of the resolver's own behaviour on the wire.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// What a name server knows. Names are written with their trailing dot.
#[derive(Debug, Clone, Default)]
pub struct Zone {
    records: HashMap<String, Vec<RData>>,
    servfail: Vec<String>,
}

impl Zone {
    /// Adds an A or AAAA record.
    #[must_use]
    pub fn address(mut self, name: &str, ip: &str) -> Self {
        let data = match ip.parse().expect("an address") {
            IpAddr::V4(ip) => RData::A(A(ip)),
            IpAddr::V6(ip) => RData::AAAA(AAAA(ip)),
        };
        self.records.entry(name.to_owned()).or_default().push(data);
        self
    }

    /// Adds a CNAME record.
    #[must_use]
    pub fn alias(mut self, name: &str, target: &str) -> Self {
        let target = Name::from_ascii(target).expect("a name");
        self.records
            .entry(name.to_owned())
            .or_default()
            .push(RData::CNAME(CNAME(target)));
        self
    }

    /// A name that exists without any record.
    #[must_use]
    pub fn empty(mut self, name: &str) -> Self {
        self.records.entry(name.to_owned()).or_default();
        self
    }

    /// A name that the server fails on.
    #[must_use]
    pub fn servfail(mut self, name: &str) -> Self {
        self.servfail.push(name.to_owned());
        self
    }

    fn answer(&self, query: &Message) -> Option<Message> {
        let question = query.queries.first()?;
        let name = question.name().to_ascii().to_ascii_lowercase();
        let mut response = Message::response(query.metadata.id, query.metadata.op_code);
        response.metadata.recursion_desired = true;
        response.metadata.recursion_available = true;
        response.add_query(question.clone());
        if self.servfail.contains(&name) {
            response.metadata.response_code = ResponseCode::ServFail;
            return Some(response);
        }
        let Some(records) = self.records.get(&name) else {
            response.metadata.response_code = ResponseCode::NXDomain;
            return Some(response);
        };
        for data in records {
            if data.record_type() == question.query_type()
                || data.record_type() == RecordType::CNAME
            {
                response.add_answer(Record::from_rdata(
                    question.name().clone(),
                    300,
                    data.clone(),
                ));
            }
        }
        Some(response)
    }
}

/// A running name server. It stops when dropped.
#[derive(Debug)]
pub struct DnsServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl DnsServer {
    /// Starts one that knows this zone.
    pub async fn start(zone: Zone) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let address = socket.local_addr().expect("a bound socket");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(serve(socket, zone, Arc::clone(&asked)));
        Self {
            address,
            asked,
            task,
        }
    }

    /// Resolver settings that point here, with a search list.
    pub fn config(&self, search: &[&str]) -> ResolverConfig {
        let mut connection = ConnectionConfig::udp();
        connection.port = self.address.port();
        let server = NameServerConfig::new(self.address.ip(), true, vec![connection]);
        let search = search
            .iter()
            .map(|name| Name::from_ascii(name).expect("a name"))
            .collect();
        ResolverConfig::from_parts(None, search, vec![server])
    }

    /// Every question so far, as `A name.`, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(socket: UdpSocket, zone: Zone, asked: Arc<Mutex<Vec<String>>>) {
    let mut buffer = [0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let query =
            Message::from_vec(&buffer[..length]).expect("a query of the resolver under test");
        for question in &query.queries {
            let text = format!(
                "{} {}",
                question.query_type(),
                question.name().to_ascii().to_ascii_lowercase()
            );
            asked.lock().unwrap().push(text);
        }
        if let Some(response) = zone.answer(&query) {
            let bytes = response.to_vec().expect("a response that fits");
            socket
                .send_to(&bytes, from)
                .await
                .expect("loopback takes it");
        }
    }
}
