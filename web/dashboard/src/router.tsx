import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { inAddress, keepOnlyText } from './parts/filters';
import { Frame } from './frame/frame';
import { mustBeSignedIn } from './session/guard';
import { NotFound, PageFailed, PageLoading } from './frame/fallbacks';

type PageFile = () => Promise<{ Page: React.ComponentType }>;
const page = (file: PageFile) => lazyRouteComponent(file, 'Page');

const root = createRootRoute({ notFoundComponent: NotFound });

const setup = createRoute({ getParentRoute: () => root, path: '/setup', component: page(() => import('./session/setup')) });
const signIn = createRoute({
  getParentRoute: () => root, path: '/sign-in', validateSearch: keepOnlyText, component: page(() => import('./session/sign-in')),
});
const join = createRoute({ getParentRoute: () => root, path: '/join', component: page(() => import('./session/join')) });

// Everything in the frame is for someone who is signed in.
const framed = createRoute({ getParentRoute: () => root, id: 'framed', beforeLoad: mustBeSignedIn, component: Frame });
const inFrame = () => framed;

const overview = createRoute({
  getParentRoute: inFrame, path: '/', validateSearch: keepOnlyText, component: page(() => import('./overview/page')),
});
const agents = createRoute({
  getParentRoute: inFrame, path: '/agents', validateSearch: keepOnlyText, component: page(() => import('./agents/list')),
});
const newAgent = createRoute({ getParentRoute: inFrame, path: '/agents/new', component: page(() => import('./agents/new')) });
const agent = createRoute({
  getParentRoute: inFrame, path: '/agents/$id', validateSearch: keepOnlyText, component: page(() => import('./agents/editor')),
});
const playground = createRoute({
  getParentRoute: inFrame, path: '/agents/$id/playground', validateSearch: keepOnlyText, component: page(() => import('./playground/page')),
});
const actions = createRoute({
  getParentRoute: inFrame, path: '/actions', validateSearch: keepOnlyText, component: page(() => import('./actions/list')),
});
const newAction = createRoute({
  getParentRoute: inFrame, path: '/actions/new', validateSearch: keepOnlyText, component: page(() => import('./actions/new')),
});
const action = createRoute({
  getParentRoute: inFrame, path: '/actions/$id', validateSearch: keepOnlyText, component: page(() => import('./actions/editor')),
});
const versions = createRoute({
  getParentRoute: inFrame, path: '/actions/$id/versions', validateSearch: keepOnlyText, component: page(() => import('./actions/versions')),
});
const conversations = createRoute({
  getParentRoute: inFrame, path: '/conversations', validateSearch: keepOnlyText, component: page(() => import('./conversations/list')),
});
const conversation = createRoute({
  getParentRoute: inFrame, path: '/conversations/$id', validateSearch: keepOnlyText, component: page(() => import('./conversations/one')),
});
const invocations = createRoute({
  getParentRoute: inFrame, path: '/invocations', validateSearch: keepOnlyText, component: page(() => import('./invocations/list')),
});
const invocation = createRoute({
  getParentRoute: inFrame, path: '/invocations/$id', validateSearch: keepOnlyText, component: page(() => import('./invocations/one')),
});
const settings = createRoute({ getParentRoute: inFrame, path: '/settings', component: page(() => import('./settings/page')) });
const settingsSection = createRoute({
  getParentRoute: inFrame, path: '/settings/$section', component: page(() => import('./settings/page')),
});
const eventEndpoint = createRoute({
  getParentRoute: inFrame, path: '/settings/events/$id', validateSearch: keepOnlyText, component: page(() => import('./events/endpoint')),
});
const delivery = createRoute({
  getParentRoute: inFrame, path: '/settings/events/$id/$delivery', component: page(() => import('./events/delivery')),
});

const routeTree = root.addChildren([
  setup, signIn, join,
  framed.addChildren([
    overview, agents, newAgent, agent, playground, actions, newAction, action, versions,
    conversations, conversation, invocations, invocation, settings, settingsSection, eventEndpoint, delivery,
  ]),
]);

/** The pages by their addresses; each is its own chunk. */
export const router = createRouter({
  routeTree,
  parseSearch: inAddress.parse,
  stringifySearch: inAddress.write,
  defaultPreload: 'intent',
  defaultPendingComponent: PageLoading,
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
