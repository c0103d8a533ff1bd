//! Passwords. OpenSSH takes those of real accounts only, so here the server is a small one of our own that asks for one
//! and offers no files: who is let in is told that.

use crate::sshd::Sshd;
use crate::{CANARY, GO_ON, LIMITS, assert_says, refusal, right};
use landfall::connect::keys;
use landfall::connect::sftp::host_key_of;
use landfall::domain::source::{HostKeyTrust, Login, SecretRef, Sftp};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Response, Session, run_stream};
use russh::{Channel, ChannelId, MethodKind, MethodSet};
use std::borrow::Cow;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// What the account's password is.
const RIGHT: &str = "RIGHT";

/// Asks for a password, in one of the two ways.
struct Asking(MethodKind);

fn judge(password: &[u8]) -> Auth {
    if password == format!("{RIGHT}-{CANARY}").as_bytes() { Auth::Accept } else { Auth::reject() }
}

impl Handler for Asking {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, russh::Error> {
        Ok(if self.0 == MethodKind::Password { judge(password.as_bytes()) } else { Auth::reject() })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        Ok(match response {
            Some(mut answers) => judge(&answers.next().unwrap_or_default()),
            None => Auth::Partial {
                name: Cow::Borrowed(""),
                instructions: Cow::Borrowed(""),
                prompts: Cow::Owned(vec![(Cow::Borrowed("Password: "), false)]),
            },
        })
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_failure(channel)
    }
}

/// Serves as many connections as a test makes, on this port.
fn serve(server: &Sshd, method: MethodKind) -> u16 {
    let path = server.at(&format!("host_{method:?}"));
    keys::generate(&path, "host").unwrap();
    let config = Arc::new(Config {
        keys: vec![keys::load(&path, None).unwrap()],
        methods: MethodSet::from(&[method][..]),
        auth_rejection_time: Duration::ZERO,
        ..Config::default()
    });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for stream in listener.incoming().map(Result::unwrap) {
            stream.set_nonblocking(true).unwrap();
            runtime.block_on(async {
                let stream = tokio::net::TcpStream::from_std(stream).unwrap();
                // However the client ends it.
                if let Ok(session) = run_stream(config.clone(), stream, Asking(method)).await {
                    let _ = session.await;
                }
            });
        }
    });
    port
}

#[test]
fn a_password_logs_in_also_where_it_is_the_only_question() {
    let server = Sshd::start();
    for method in [MethodKind::Password, MethodKind::KeyboardInteractive] {
        let port = serve(&server, method);
        let shown = host_key_of("127.0.0.1", port, &LIMITS, &GO_ON).unwrap();
        let with = |name: &str| Sftp {
            port,
            host_key: HostKeyTrust::Pinned { sha256: shown.sha256.clone() },
            login: Login::Password { secret: SecretRef::Env { name: name.to_owned() } },
            ..right(&server)
        };
        assert_says(&refusal(&server, &with(RIGHT)), "no_sftp", &["accepts the login"]);
        // This server hangs up on a wrong one; what OpenSSH says to it is tried with the other refusals.
        assert_eq!(refusal(&server, &with("WRONG")).code(), "login_refused");
    }
}
