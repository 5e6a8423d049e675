import { AppShell, Box, Burger, Group, ScrollArea, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { Outlet } from '@tanstack/react-router';
import { LiveUpdates } from '../parts/live';
import { AccountMenu } from './account-menu';
import { Breadcrumb, CrumbNames } from './breadcrumb';
import classes from './frame.module.css';
import { Rail } from './rail';
import { Search } from './search';
import { ThemeMenu } from './theme-menu';

/** What stands around every page: the rail at the left, the bar at the top. */
export function Frame() {
  const [open, rail] = useDisclosure(false);
  return (
    <CrumbNames>
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !open } }}
      layout="alt"
      padding="lg"
    >
      <a className={classes.skip} href="#page">Skip to the page</a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="lg" gap="sm" wrap="nowrap" justify="space-between">
          <Group gap="xs" wrap="nowrap" className={classes.where}>
            <Burger opened={open} onClick={rail.toggle} hiddenFrom="sm" size="sm" aria-label={open ? 'Close the menu' : 'Open the menu'} />
            <Breadcrumb />
          </Group>
          <Group gap={6} wrap="nowrap">
            <UnstyledButton className={classes.search} onClick={spotlight.open}>
              <IconSearch size={15} stroke={1.75} />
              <VisuallyHidden hiddenFrom="md">Search</VisuallyHidden>
              <Text span size="sm" visibleFrom="md" c="dimmed">Search</Text>
              <Box component="kbd" visibleFrom="md" className={classes.key}>Ctrl K</Box>
            </UnstyledButton>
            <ThemeMenu />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.rail} aria-label="Main">
        <AppShell.Section grow component={ScrollArea}>
          <Rail onGo={rail.close} />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="page" className={classes.main} tabIndex={-1}>
        <div className={classes.page}>
          <Outlet />
        </div>
      </AppShell.Main>
      <Search />
      <LiveUpdates />
    </AppShell>
    </CrumbNames>
  );
}
