//! Routes with who may enter. The list is data, so that tests can try every route in every role, and a route that is
//! missing from `docs/routes.txt` fails the build.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{get, post};

use crate::app::App;
use crate::auth::Action;

/// Who may enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Every student who is signed in.
    Student,
    /// The data exchange, as a program with a token.
    Exchange,
    /// Every member of staff who is signed in.
    Staff,
    /// Whoever may do this.
    Can(Action),
}

/// How a route is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Writes.
    Post,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// GET or POST.
    pub method: Method,
    /// The path with its parameters.
    pub path: &'static str,
    /// Who may enter.
    pub access: Access,
}

/// The routes of a feature, or of all.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    list: Vec<Route>,
}

/// Bytes of a form at the most; uploads have a limit of their own.
const FORM_BYTES: usize = 1024 * 1024;

impl Routes {
    /// Adds a page.
    #[must_use]
    pub fn get<H: Handler<T, App>, T: 'static>(
        mut self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.router = self.router.route(path, get(handler));
        self.list.push(Route {
            method: Method::Get,
            path,
            access,
        });
        self
    }

    /// Adds a write.
    #[must_use]
    pub fn post<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.post_up_to(FORM_BYTES, path, access, handler)
    }

    /// Adds a write with a body of up to so many bytes.
    #[must_use]
    pub fn post_up_to<H: Handler<T, App>, T: 'static>(
        mut self,
        bytes: usize,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.router = self
            .router
            .route(path, post(handler).layer(DefaultBodyLimit::max(bytes)));
        self.list.push(Route {
            method: Method::Post,
            path,
            access,
        });
        self
    }

    /// Adds the routes of another feature.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.list.extend(other.list);
        self
    }

    /// Every route, in order of path.
    pub fn list(&self) -> Vec<Route> {
        let mut list = self.list.clone();
        list.sort_by_key(|route| (route.path, route.method));
        list
    }

    /// As axum wants them.
    pub fn into_router(self) -> Router<App> {
        self.router
    }
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.list()).finish()
    }
}
