import { ActionIcon, Menu, Text } from '@mantine/core';
import { IconLogout, IconUser, IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sessionQuery } from '../api/queries';
import { useSignOut } from '../session/sign-out';

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const session = useQuery(sessionQuery);
  const signOut = useSignOut();
  const user = session.data?.user;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label="Account"><IconUser size={17} stroke={1.6} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)">{user?.name}</Text>
          <Text size="xs" c="dimmed">{user?.email}</Text>
        </Menu.Label>
        <Menu.Item component={Link} to="/settings/account" leftSection={<IconUser size={15} stroke={1.6} />}>Your account</Menu.Item>
        <Menu.Item component={Link} to="/settings/members" leftSection={<IconUsers size={15} stroke={1.6} />}>Members</Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} stroke={1.6} />} onClick={() => signOut.mutate()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
